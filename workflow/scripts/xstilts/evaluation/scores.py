"""Scores of a study's cells, by language and metric, from their predictions."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from xstilts.core.errors import StudyError, nearest
from xstilts.evaluation.metrics import aggregate, contributions, metric_of
from xstilts.evaluation.predictions import Predictions, read_predictions

SCORES = pa.schema(
    [
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("language", pa.string()),
        ("seed", pa.int64()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("n", pa.int64()),
        ("primary", pa.bool_()),
    ]
)


def _values(predictions: Predictions, metrics: Sequence[str], language: str) -> dict[str, float]:
    """Value of each metric; the first is the one whose contributions the run wrote down."""
    values = {metrics[0]: aggregate(metrics[0], predictions.contributions)}
    for metric in metrics[1:]:
        rows = contributions(
            metric, predictions.texts("prediction"), predictions.texts("gold"), language
        )
        values[metric] = aggregate(metric, rows)
    return values


def score_cells(cells: Iterable[Mapping], targets: Mapping[str, Sequence[str]]) -> pa.Table:
    """Scores of each cell in each language that its predictions have, as `SCORES`.

    Args:
        cells: mappings with intermediate, target, seed and predictions (path of the file).
        targets: the metrics of each target, the primary one first.

    A language without predictions has no row. Raises:
        StudyError: a target without metrics, or predictions that cannot be read or scored.
    """
    rows = []
    for cell in cells:
        intermediate, target, seed = cell["intermediate"], cell["target"], cell["seed"]
        if not targets.get(target):
            raise StudyError(
                f"No metrics are given for the target '{target}'; {nearest(target, targets)}"
            )
        metrics = targets[target]
        columns = ("prediction", "gold") if len(metrics) > 1 else ()
        primary = metric_of(metrics[0])
        read = read_predictions(
            cell["predictions"], target, columns, primary, cell.get("languages")
        )
        for language, predictions in read.items():
            for metric, value in _values(predictions, metrics, language).items():
                facts = metric, value, len(predictions.contributions), metric == metrics[0]
                rows.append((intermediate, target, language, seed, *facts))
    return table(rows, SCORES)


def table(rows: list[tuple], schema: pa.Schema) -> pa.Table:
    """An Arrow table of `rows`, whose values are in the order of `schema`."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)
