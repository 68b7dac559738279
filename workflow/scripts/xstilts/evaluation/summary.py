"""Scores over languages, over groups of targets and over all of XTREME.

The averages are those of XTREME's evaluate.py (Hu et al. 2020): first over a target's languages,
English included, then over targets; a question-answering target counts as the mean of F1 and exact
match. A group, or the whole, has a score only where all its targets have one.
"""

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean

import pyarrow as pa

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics import metric_of
from xstilts.evaluation.scores import table

GROUPS = {
    "sentence pairs": ("xnli", "pawsx"),
    "structured prediction": ("pos", "ner"),
    "question answering": ("xquad", "mlqa", "tydiqa"),
    "retrieval": ("bucc", "tatoeba"),
}
GROUPS_AND_ALL = {**GROUPS, "xtreme": tuple(name for group in GROUPS.values() for name in group)}

TARGET_SCORES = pa.schema(
    [
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("seed", pa.int64()),
        ("value", pa.float64()),
        ("languages", pa.int64()),
    ]
)
GROUP_SCORES = pa.schema(
    [
        ("intermediate", pa.string()),
        ("seed", pa.int64()),
        ("group", pa.string()),
        ("value", pa.float64()),
    ]
)


def target_scores(scores: pa.Table) -> pa.Table:
    """Score of each cell on XTREME's terms, as `TARGET_SCORES`, from the table of `score_cells`.

    Raises:
        StudyError: a question-answering target has no exact match beside its F1 in some language.
    """
    values = {
        (row["intermediate"], row["target"], row["seed"], row["language"], row["metric"]): row
        for row in scores.to_pylist()
    }
    cells: dict[tuple, list[float]] = defaultdict(list)
    for (*cell, language, metric), row in values.items():
        if not row["primary"]:
            continue
        value = row["value"]
        if partner := metric_of(metric).exact_partner:
            exact = values.get((*cell, language, partner))
            if exact is None:
                raise StudyError(
                    f"{cell[1]}, language {language}: no {partner} beside "
                    f"{metric}; name both under metrics in the task's sheet."
                )
            value = (value + exact["value"]) / 2
        cells[tuple(cell)].append(value)
    rows = [(*cell, fmean(by_language), len(by_language)) for cell, by_language in cells.items()]
    return table(rows, TARGET_SCORES)


def mean_scores(values: Mapping[str, float]) -> dict[str, float]:
    """Scores of the groups, and of `xtreme`, whose targets all have one in `values`."""
    return {
        group: fmean(values[target] for target in targets)
        for group, targets in GROUPS_AND_ALL.items()
        if all(target in values for target in targets)
    }


def group_scores(scores: pa.Table) -> pa.Table:
    """`mean_scores` of each intermediate and seed, as `GROUP_SCORES`, from `target_scores`."""
    by_row: dict[tuple, dict[str, float]] = defaultdict(dict)
    for row in scores.to_pylist():
        by_row[row["intermediate"], row["seed"]][row["target"]] = row["value"]
    rows = [(*key, *item) for key, values in by_row.items() for item in mean_scores(values).items()]
    return table(rows, GROUP_SCORES)
