"""Sentences that translate each other, found by their embeddings (exact search in bounded memory).

Margin mining: Artetxe & Schwenk 2019 (arXiv 1811.01136), in the order of steps of XTREME's
utils_retrieve.py: candidates both ways, joined greedily by score, cut at a threshold found on dev.
"""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from xstilts.study.errors import StudyError

_SMALLEST_MEAN = 1e-9  # keeps the ratio finite and in order where all neighbours point away


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _first_largest(similarity: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` largest of each row, earliest first among equals; overwrites `similarity`."""
    rows = np.arange(len(similarity))
    places = np.empty((len(similarity), count), np.int64)
    values = np.empty((len(similarity), count), similarity.dtype)
    for rank in range(count):
        places[:, rank] = similarity.argmax(axis=1)
        values[:, rank] = similarity[rows, places[:, rank]]
        similarity[rows, places[:, rank]] = -np.inf
    return values, places


def neighbours_of(
    queries: np.ndarray,
    index: np.ndarray,
    count: int,
    *,
    query_block: int = 1024,
    index_block: int = 8192,
) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and rows, each [n, count], of the rows of `index` [m, h] nearest to `queries` [n, h].

    Holds one block of query_block x index_block cosines (float32) at a time. Of equal cosines the
    earlier row comes first. A zero vector has cosine 0 with everything. `count` is cut to m.

    Raises:
        StudyError: either side is empty, or their widths differ.
    """
    if not len(queries) or not len(index) or queries.shape[1] != index.shape[1]:
        raise StudyError(
            f"Cannot search {np.shape(index)} embeddings for {np.shape(queries)} queries; "
            "give at least one of each, of the same width."
        )
    queries, index = _unit(queries), _unit(index)
    count = min(count, len(index))
    found = []
    for top in range(0, len(queries), query_block):
        block = queries[top : top + query_block]
        values, places = np.empty((len(block), 0), np.float32), np.empty((len(block), 0), np.int64)
        for left in range(0, len(index), index_block):
            cosines = block @ index[left : left + index_block].T
            new_values, new_places = _first_largest(cosines, min(count, cosines.shape[1]))
            values = np.concatenate([values, new_values], axis=1)
            places = np.concatenate([places, new_places + left], axis=1)
            order = np.argsort(-values, axis=1, kind="stable")[:, :count]
            values, places = (np.take_along_axis(part, order, axis=1) for part in (values, places))
        found.append((values, places))
    return np.concatenate([v for v, _ in found]), np.concatenate([p for _, p in found])


def nearest(
    queries: np.ndarray, index: np.ndarray, *, query_block: int = 1024, index_block: int = 8192
) -> np.ndarray:
    """Row of `index` [m, h] with the largest cosine to each of `queries` [n, h], int64 [n].

    Of equal cosines the earlier row. Raises StudyError as `neighbours_of`.
    """
    blocks = {"query_block": query_block, "index_block": index_block}
    return neighbours_of(queries, index, 1, **blocks)[1][:, 0]


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
    query_block: int = 1024,
    index_block: int = 8192,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Translation pairs of `source` [n, h] and `target` [m, h], best first: rows, rows, scores.

    Score: the cosine, or its ratio to the mean of both sentences' average cosine with their nearest
    `neighbours` on the other side. Each sentence proposes its best; proposals are taken in order of
    score where neither sentence is taken ("max"). Leave repeated sentences out first (`distinct`):
    copies are each other's rivals and crowd out the other neighbours.

    Raises:
        StudyError: unknown margin, an empty side, or unequal widths.
    """
    if margin not in ("ratio", "cosine"):
        raise StudyError(f"There is no margin '{margin}' for mining; choose ratio or cosine.")
    blocks = {"query_block": query_block, "index_block": index_block}
    forward_cosine, forward = neighbours_of(source, target, neighbours, **blocks)
    backward_cosine, backward = neighbours_of(target, source, neighbours, **blocks)
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
    taken_source, taken_target, kept = set(), set(), []
    order = np.argsort(-score, kind="stable")
    pairs = zip(source[order].tolist(), target[order].tolist(), strict=True)
    for place, (one, other) in zip(order.tolist(), pairs, strict=True):
        if one not in taken_source and other not in taken_target:
            taken_source.add(one)
            taken_target.add(other)
            kept.append(place)
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
    place = cuts[f1.argmax()]
    threshold = scores[place]
    if place + 1 < len(scores):
        middle = (threshold + scores[place + 1]) / 2
        threshold = middle if middle > scores[place + 1] else threshold
    return float(threshold), float(100 * f1.max())
