"""Exact nearest neighbours by cosine in bounded memory: one block of cosines at a time."""

from collections.abc import Callable, Iterator

import numpy as np

from xstilts.core.errors import StudyError

QUERY_BLOCK, INDEX_BLOCK = 2048, 8192  # 64 MB of cosines

#: Cosines float32 and rows int64 of the nearest of the other side, both [n, count], best first.
Found = tuple[np.ndarray, np.ndarray]
#: Told after each block: how many are done, of how many.
Progress = Callable[[int, int], object]
#: Neighbours of each source among the targets, and of each target among the sources.
Search = Callable[[np.ndarray, np.ndarray, int, Progress | None], tuple[Found, Found]]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1 as float32; a zero vector stays zero."""
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


class _Best:
    """The largest cosines so far of each row, and where they stand."""

    def __init__(self, rows: int, count: int) -> None:
        self.values = np.full((rows, count), -np.inf, np.float32)
        self.places = np.zeros((rows, count), np.int64)

    def take(self, first: int, cosines: np.ndarray, offset: int) -> None:
        """Look at the cosines of the rows from `first` with the places from `offset`."""
        # Most rows have nothing new in a block, so that one pass over it is nearly all.
        better = cosines.max(axis=1) > self.values[first : first + len(cosines), -1]
        rows = np.flatnonzero(better)
        if not len(rows):
            return
        count = self.values.shape[1]
        values, columns = _first_largest(cosines[rows], min(count, cosines.shape[1]))
        rows += first
        values = np.concatenate([self.values[rows], values], axis=1)
        columns = np.concatenate([self.places[rows], columns + offset], axis=1)
        order = np.argsort(-values, axis=1, kind="stable")[:, :count]
        self.values[rows] = np.take_along_axis(values, order, axis=1)
        self.places[rows] = np.take_along_axis(columns, order, axis=1)


def _first_largest(cosines: np.ndarray, count: int) -> Found:
    """The `count` largest of each row, earliest first among equals; overwrites `cosines`."""
    rows = np.arange(len(cosines))
    columns = np.empty((len(cosines), count), np.int64)
    values = np.empty((len(cosines), count), np.float32)
    for rank in range(count):
        columns[:, rank] = cosines.argmax(axis=1)
        values[:, rank] = cosines[rows, columns[:, rank]]
        cosines[rows, columns[:, rank]] = -np.inf
    return values, columns


def check_sides(queries: np.ndarray, index: np.ndarray) -> None:
    """Raise StudyError where one of the sides is empty, or their widths differ."""
    if not len(queries) or not len(index) or queries.shape[1] != index.shape[1]:
        raise StudyError(
            f"Cannot search {np.shape(index)} embeddings for {np.shape(queries)} queries; "
            "give at least one of each, of the same width."
        )


def _blocks(
    queries: np.ndarray, index: np.ndarray, sizes: tuple[int, int], progress: Progress | None
) -> Iterator[tuple[int, int, np.ndarray]]:
    """First query, first row of the index and the cosines of each block."""
    check_sides(queries, index)
    # Normalised block by block: the sides may be memory maps larger than memory.
    steps = [range(0, len(side), size) for side, size in zip((queries, index), sizes, strict=True)]
    total, done = len(steps[0]) * len(steps[1]), 0
    for top in steps[0]:
        block = unit(queries[top : top + sizes[0]])
        for left in steps[1]:
            yield top, left, block @ unit(index[left : left + sizes[1]]).T
            done += 1
            if progress is not None:
                progress(done, total)


def neighbours_of(
    queries: np.ndarray,
    index: np.ndarray,
    count: int,
    *,
    query_block: int = QUERY_BLOCK,
    index_block: int = INDEX_BLOCK,
    progress: Progress | None = None,
) -> Found:
    """Cosines and rows, each [n, count], of the rows of `index` [m, h] nearest to `queries` [n, h].

    Either side may be a memory map of any float type. Of equal cosines the earlier row comes
    first. A zero vector has cosine 0 with everything. `count` is cut to m.

    Raises:
        StudyError: either side is empty, or their widths differ.
    """
    best = _Best(len(queries), min(count, len(index)))
    for top, left, cosines in _blocks(queries, index, (query_block, index_block), progress):
        best.take(top, cosines, left)
    return best.values, best.places


def both_ways(
    source: np.ndarray,
    target: np.ndarray,
    count: int,
    progress: Progress | None = None,
    *,
    query_block: int = QUERY_BLOCK,
    index_block: int = INDEX_BLOCK,
) -> tuple[Found, Found]:
    """`neighbours_of` from `source` to `target` and back, each cosine computed once."""
    forward = _Best(len(source), min(count, len(target)))
    backward = _Best(len(target), min(count, len(source)))
    for top, left, cosines in _blocks(source, target, (query_block, index_block), progress):
        forward.take(top, cosines, left)
        backward.take(left, cosines.T, top)
    return (forward.values, forward.places), (backward.values, backward.places)
