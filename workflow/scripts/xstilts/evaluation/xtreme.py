"""The study on XTREME's terms: a score per target, group of targets, and all."""

from collections import defaultdict

import pyarrow as pa

from xstilts.evaluation.scores import table
from xstilts.evaluation.submission_formats import FORMATS
from xstilts.evaluation.summary import GROUPS_AND_ALL, group_scores, target_scores

XTREME = pa.schema(
    [
        ("intermediate", pa.string()),
        ("seed", pa.int64()),
        ("name", pa.string()),
        ("value", pa.float64()),
        ("languages", pa.int64()),
        ("complete", pa.bool_()),
    ]
)


def xtreme_table(scores: pa.Table) -> pa.Table:
    """One row per intermediate, seed and target, group of targets or all (`xtreme`).

    A question-answering target counts as the mean of F1 and exact match; a group has a row only
    where all of its targets have one (XTREME's evaluate.py, Hu et al. 2020).

    XTREME itself scores a target only in all of its languages. `languages` says how many a value
    averages (of a group, over all its targets), `complete` whether these are all: a value that is
    not must not stand beside published ones.

    Args:
        scores: the table of `score_cells`.
    """
    targets = target_scores(scores)
    rows = []
    languages: dict[tuple, dict[str, int]] = defaultdict(dict)
    for row in targets.to_pylist():
        who, target = (row["intermediate"], row["seed"]), row["target"]
        languages[who][target] = count = row["languages"]
        rows.append((*who, target, row["value"], count, count == _languages_of(target)))
    for row in group_scores(targets).to_pylist():
        who, members = (row["intermediate"], row["seed"]), GROUPS_AND_ALL[row["group"]]
        counts = {target: languages[who][target] for target in members}
        complete = all(count == _languages_of(target) for target, count in counts.items())
        rows.append((*who, row["group"], row["value"], sum(counts.values()), complete))
    return table(rows, XTREME)


def _languages_of(target: str) -> int | None:
    return len(FORMATS[target].languages) if target in FORMATS else None
