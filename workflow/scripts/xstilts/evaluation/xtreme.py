"""The study on XTREME's terms: a score per target and group, and the best intermediate by dev."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from xstilts.evaluation.scores import table
from xstilts.evaluation.summary import group_scores, target_scores

XTREME = pa.schema(
    [
        ("intermediate", pa.string()),
        ("seed", pa.int64()),
        ("name", pa.string()),
        ("value", pa.float64()),
    ]
)
DEV = pa.schema(
    [
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("seed", pa.int64()),
        ("value", pa.float64()),
    ]
)


def xtreme_table(scores: pa.Table) -> pa.Table:
    """One row per intermediate, seed and target, group of targets or all (`xtreme`).

    A question-answering target counts as the mean of F1 and exact match; a group has a row only
    where all of its targets have one (XTREME's evaluate.py, Hu et al. 2020).

    Args:
        scores: the table of `score_cells`.
    """
    targets = target_scores(scores)
    rows = [
        (row["intermediate"], row["seed"], row["target"], row["value"])
        for row in targets.to_pylist()
    ]
    groups = group_scores(targets).to_pylist()
    rows += [(row["intermediate"], row["seed"], row["group"], row["value"]) for row in groups]
    return table(rows, XTREME)


def english_dev(cells: Iterable[Mapping[str, Any]]) -> pa.Table:
    """English dev scores by intermediate, target and seed, as `DEV`.

    Args:
        cells: mappings with intermediate, target, seed and receipt. A run without dev scores (a
            retrieval target, a diverged run) has no row. A target's run is judged on the dev set
            of its one training set, so its receipt holds one score.
    """
    rows = [
        (cell["intermediate"], cell["target"], cell["seed"], dev["score"])
        for cell in cells
        for dev in (cell["receipt"].get("dev") or {}).values()
    ]
    return table(rows, DEV)


def write_tsv(rows: pa.Table, path: Path) -> None:
    """Write a table as TSV; what is missing is empty."""
    options = csv.WriteOptions(delimiter="\t", quoting_style="none", quoting_header="none")
    csv.write_csv(rows, path, options)
