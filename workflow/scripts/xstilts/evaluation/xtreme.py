"""The study on XTREME's terms: a score per target, group of targets, and all."""

from pathlib import Path

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


def write_tsv(rows: pa.Table, path: Path) -> None:
    """Write a table as TSV; what is missing is empty."""
    options = csv.WriteOptions(delimiter="\t", quoting_style="none", quoting_header="none")
    csv.write_csv(rows, path, options)
