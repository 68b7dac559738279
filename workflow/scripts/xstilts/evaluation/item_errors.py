"""How far the difference of two rows of a target may be off by the choice of its test items."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from xstilts.core.draws import derived_seed
from xstilts.evaluation.paired_items import over_seeds, read_groups, resampled
from xstilts.evaluation.scores import table

ITEM_ERRORS = pa.schema(
    [
        ("target", pa.string()),
        ("first", pa.string()),
        ("second", pa.string()),
        ("error", pa.float64()),
    ]
)


def item_errors(cells: Iterable[Mapping[str, Any]], resamples: int, seed: int) -> pa.Table:
    """Standard error (points) of the difference of every two rows of each target, `ITEM_ERRORS`.

    A row's score is the mean over languages of its mean over seeds, in the primary metric. The
    error is the standard deviation of the difference over bootstrap resamples of the items (Efron
    & Tibshirani 1993, ch. 6), paired between rows: an item that is drawn counts in every language
    that has it, for every row and seed. The rows of a pair stand in the order of the cells.

    Args:
        cells: mappings with intermediate, target, seed, metrics and predictions (path).
        resamples: bootstrap resamples of the items.
        seed: of the study; each target derives its own.

    Raises:
        StudyError: two cells of a target have different sentences.
    """
    targets: dict[str, list[Mapping]] = defaultdict(list)
    for cell in cells:
        targets[cell["target"]].append(cell)
    rows = []
    for target, own in targets.items():
        draws = _draws(target, own, resamples, derived_seed(seed, target, "items"))
        for first, second in combinations(draws, 2):
            error = np.std(draws[first] - draws[second], ddof=1)
            rows.append((target, first, second, float(error)))
    return table(rows, ITEM_ERRORS)


def _draws(target: str, cells: Sequence[Mapping], resamples: int, seed: int) -> dict:
    """Intermediate -> its score under each resample; empty where cells share no language."""
    paths = [cell["predictions"] for cell in cells]
    groups = read_groups(target, cells[0]["metrics"][0], paths, halves=False, with_exact=False)
    if not groups:
        return {}
    scores = resampled(groups, resamples, seed).mean(axis=1)
    return over_seeds(scores, [cell["intermediate"] for cell in cells])
