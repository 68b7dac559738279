"""Conformal intervals for a row of a group (a target task, a language) that was never seen.

Rows of one group share their errors, so that a thousand rows of nine targets are nine
observations. One row drawn at random from each of K groups and one from a new group are
exchangeable, hence the new one's error is at most the j-th smallest of the K with probability
j / (K + 1) or more: Dunn, Wasserman & Ramdas (2023), Distribution-free prediction sets for
two-layer hierarchical models, JASA 118, "subsampling once"; Lee, Barber & Willett (2023),
Distribution-free inference with hierarchical data, arXiv 2306.06342. The errors are those of
leaving each group out: Barber, Candes, Ramdas & Tibshirani (2021), Predictive inference with the
jackknife+, Annals of Statistics 49.

Which rows are drawn should not matter, so that the threshold here is the *mean* of that j-th
smallest error over all draws, computed exactly; and between two ranks it is interpolated. Where
small errors are more frequent than large ones, their distribution function is concave, and a mean
of thresholds covers no less than the thresholds do on average (Jensen). Taking the largest error
of any row instead would cover far more than was asked for.
"""

import math
from collections.abc import Sequence

import numpy as np


def attainable(groups: int, confidence: float) -> float:
    """`confidence`, or the highest below it that so many groups allow: K / (K + 1)."""
    return min(confidence, groups / (groups + 1))


def threshold(errors: Sequence[np.ndarray], confidence: float) -> float:
    """The absolute error that a row of a new group exceeds with probability 1 - confidence at most.

    Args:
        errors: for each group, the absolute errors of its rows by a model that never saw the group.
        confidence: at most `attainable` for that many groups.

    Raises:
        ValueError: no group, a group without rows, or a confidence that the groups do not allow.
    """
    groups = [np.sort(np.asarray(group, dtype=float)) for group in errors]
    if not groups or not all(len(group) for group in groups):
        raise ValueError("every group needs at least one error")
    # 10 * 0.9 is 9, and must not need a tenth group by rounding.
    rank = round((len(groups) + 1) * confidence, 9)
    if rank > len(groups):
        raise ValueError(f"{len(groups)} groups allow no interval at {confidence}")
    values = np.unique(np.concatenate(groups))
    below = np.array([np.searchsorted(group, values, "right") / len(group) for group in groups])
    # The mean of a nonnegative variable is the integral of the chance that it is larger.
    lower, share = math.floor(rank), rank - math.floor(rank)
    fewer = (1 - share) * _fewer_than(lower, below) + share * _fewer_than(lower + 1, below)
    start = 1.0 if lower else share
    larger = np.concatenate([[start], fewer[:-1]])
    return float(np.diff(values, prepend=0.0) @ larger)


def _fewer_than(rank: int, chances: np.ndarray) -> np.ndarray:
    """Chance that fewer than `rank` of the K independent events happen; chances is (K, values)."""
    counts = np.zeros((len(chances) + 1, chances.shape[1]))
    counts[0] = 1.0
    for chance in chances:
        counts[1:] = counts[1:] * (1 - chance) + counts[:-1] * chance
        counts[0] *= 1 - chance
    return counts[:rank].sum(axis=0)
