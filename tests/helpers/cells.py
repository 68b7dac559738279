"""Cells of a small study with predictions on disk, written by hand."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.evaluation.metrics import contributions


def predictions(path, target, metric, rows):
    """Write predictions from rows (language, example_id, prediction, gold)."""
    columns = {name: [] for name in ("target", "language", "example_id", "prediction", "gold")}
    scores = []
    for language in dict.fromkeys(row[0] for row in rows):
        here = [row for row in rows if row[0] == language]
        parts = contributions(metric, [row[2] for row in here], [row[3] for row in here], language)
        scores += [list(map(float, part)) for part in parts]
        for row in here:
            for name, value in zip(columns, (target, *row), strict=True):
                columns[name].append(value)
    table = pa.table(columns | {"score": pa.array(scores, pa.list_(pa.float64()))})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return str(path)


def cell(folder, intermediate, target, metrics, rows, seed=1, receipt=None):
    """A cell with its predictions."""
    path = folder / f"{intermediate}-{target}-{seed}" / "predictions.parquet"
    return {
        "intermediate": intermediate,
        "target": target,
        "seed": seed,
        "metrics": metrics,
        "predictions": predictions(path, target, metrics[0], rows),
        "receipt": receipt or {},
    }


def judged(score, data="mnli"):
    """A receipt with an English dev score."""
    return {"dev": {data: {"score": score}}}


def answers(texts):
    return json.dumps(texts, ensure_ascii=False)
