"""Sentences that translate each other, found by their embeddings.

Margin mining: Artetxe & Schwenk 2019 (arXiv 1811.01136), in the order of steps of XTREME's
utils_retrieve.py: candidates both ways, joined greedily by score, cut at a threshold found on dev.
"""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from xstilts.core.errors import StudyError
from xstilts.retrieval.search import Progress, Search, both_ways, neighbours_of

_SMALLEST_MEAN = 1e-9  # keeps the ratio finite and in order where all neighbours point away


def nearest(queries: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Row of `index` [m, h] with the largest cosine to each of `queries` [n, h], int64 [n].

    Of equal cosines the earlier row. Raises StudyError as `neighbours_of`.
    """
    return neighbours_of(queries, index, 1)[1][:, 0]


def distinct(sentences: Sequence[Hashable]) -> np.ndarray:
    """Rows where each distinct sentence occurs first, int64 [u] ascending: mine only these."""
    first: dict[Hashable, int] = {}
    for row, sentence in enumerate(sentences):
        first.setdefault(sentence, row)
    return np.fromiter(first.values(), np.int64, len(first))


def mine(
    source: np.ndarray,
    target: np.ndarray,
    neighbours: int = 4,
    margin: Literal["ratio", "cosine"] = "ratio",
    *,
    search: Search = both_ways,
    progress: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Translation pairs of `source` [n, h] and `target` [m, h], best first: rows, rows, scores.

    Score: the cosine, or its ratio to the mean of both sentences' average cosine with their nearest
    `neighbours` on the other side. Each sentence proposes its best; proposals are taken in order of
    score where neither sentence is taken ("max"). Leave repeated sentences out first (`distinct`):
    copies are each other's rivals and crowd out the other neighbours.

    Args:
        source: embeddings of one side; a memory map will do.
        target: embeddings of the other.
        neighbours: of each sentence on the other side.
        margin: ratio or cosine.
        search: who finds the neighbours: one of `search.SEARCHES`, or another like them.
        progress: told after each block of the search how many blocks are done, of how many.

    Raises:
        StudyError: unknown margin, an empty side, or unequal widths.
    """
    if margin not in ("ratio", "cosine"):
        raise StudyError(f"There is no margin '{margin}' for mining; choose ratio or cosine.")
    (forward_cosine, forward), (backward_cosine, backward) = search(
        source, target, neighbours, progress
    )
    forward_score, backward_score = forward_cosine, backward_cosine
    if margin == "ratio":
        source_mean, target_mean = forward_cosine.mean(axis=1), backward_cosine.mean(axis=1)
        forward_score = _ratio(forward_cosine, source_mean, target_mean[forward])
        backward_score = _ratio(backward_cosine, target_mean, source_mean[backward])
    best_forward, best_backward = forward_score.argmax(axis=1), backward_score.argmax(axis=1)
    n, m = np.arange(len(source)), np.arange(len(target))
    return _join(
        np.concatenate([n, backward[m, best_backward]]),
        np.concatenate([forward[n, best_forward], m]),
        np.concatenate([forward_score[n, best_forward], backward_score[m, best_backward]]),
    )


def _ratio(cosine: np.ndarray, own_mean: np.ndarray, others_mean: np.ndarray) -> np.ndarray:
    return cosine / np.maximum((own_mean[:, None] + others_mean) / 2, _SMALLEST_MEAN)


def _join(
    source: np.ndarray, target: np.ndarray, score: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The proposals whose sentences no better one has taken, best first."""
    order = np.argsort(-score, kind="stable")
    taken = [bytearray(int(side.max()) + 1) for side in (source, target)]
    kept = []
    pairs = zip(source[order].tolist(), target[order].tolist(), strict=True)
    for number, (left, right) in zip(order.tolist(), pairs, strict=True):
        if not taken[0][left] and not taken[1][right]:
            taken[0][left] = taken[1][right] = 1
            kept.append(number)
    return source[kept], target[kept], score[kept]


def best_threshold(scores: np.ndarray, is_gold: np.ndarray, total_gold: int) -> tuple[float, float]:
    """Threshold and F1 (0-100) of keeping the candidates with score >= threshold, at its best.

    `scores` and `is_gold` are [candidates]; `total_gold` counts all gold pairs, found or not. The
    threshold lies midway to the next lower score, as in XTREME's script. Of equal F1 the highest
    threshold wins; where no candidate is gold it is infinite and the F1 0.
    """
    scores = np.asarray(scores, np.float64)
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], np.cumsum(np.asarray(is_gold, bool)[order])
    cuts = np.flatnonzero(np.append(scores[:-1] > scores[1:], True)[: len(scores)])
    if not len(cuts) or not right[-1]:
        return float("inf"), 0.0
    f1 = 2 * right[cuts] / (cuts + 1 + total_gold)
    last = cuts[f1.argmax()]
    threshold = scores[last]
    if last + 1 < len(scores):
        middle = (threshold + scores[last + 1]) / 2
        threshold = middle if middle > scores[last + 1] else threshold
    return float(threshold), float(100 * f1.max())
