"""Search in blocks against brute force over the whole matrix of cosines, and by hand."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from xstilts.core.errors import StudyError
from xstilts.retrieval import search
from xstilts.retrieval.mining import nearest
from xstilts.retrieval.search import both_ways, neighbours_of


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    return pairwise.cosine_similarity(left, right)


def sides(n: int, m: int, width: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.standard_normal((n, width)), random.standard_normal((m, width))


def check(found: search.Found, similarity: np.ndarray, count: int) -> None:
    values, places = found
    expected = np.argsort(-similarity, axis=1)[:, :count]
    assert (places == expected).all()
    assert np.allclose(values, np.take_along_axis(similarity, expected, axis=1), atol=1e-6)


@pytest.mark.parametrize(("query_block", "index_block"), [(1024, 8192), (3, 5), (1, 1), (40, 2)])
def test_neighbours_equal_brute_force(query_block: int, index_block: int) -> None:
    queries, index = sides(17, 23)
    similarity = cosines(queries, index)
    blocks = {"query_block": query_block, "index_block": index_block}
    check(neighbours_of(queries, index, 4, **blocks), similarity, 4)
    forward, backward = both_ways(queries, index, 4, **blocks)
    check(forward, similarity, 4)
    check(backward, similarity.T, 4)


def test_nearest_by_hand() -> None:
    index = np.array([[1.0, 0], [0, 1], [-1, 0], [0, 5]])
    # Length does not matter, the earlier of equals wins, a zero vector is equally far from all.
    queries = np.array([[9.0, 1], [0.1, 2], [-3, -1], [0, 0]])
    assert nearest(queries, index).tolist() == [0, 1, 2, 0]
    for size in (1, 2, 3):
        found = neighbours_of(queries, index, 1, index_block=size)
        assert found[1][:, 0].tolist() == [0, 1, 2, 0]
    assert neighbours_of(queries, index[:2], 4)[1].shape == (4, 2)


def test_of_equal_cosines_the_earlier_comes_first_in_any_blocks() -> None:
    same = np.ones((7, 3))
    for size in (1, 2, 3, 7):
        forward, backward = both_ways(same, same, 3, query_block=size, index_block=size)
        assert forward[1].tolist() == backward[1].tolist() == [[0, 1, 2]] * 7


def test_memory_is_bounded_by_the_blocks() -> None:
    queries, index = (side.astype(np.float32) for side in sides(6000, 6000))
    tracemalloc.start()
    both_ways(queries, index, 4, query_block=256, index_block=512)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6  # all cosines at once would be 144 MB


def test_memory_maps_of_half_precision_will_do(tmp_path: Path) -> None:
    queries, index = sides(50, 60)
    for name, side in (("queries", queries), ("index", index)):
        np.save(tmp_path / f"{name}.npy", side.astype(np.float16))
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("queries", "index")]
    similarity = cosines(*(side.astype(np.float32) for side in mapped))
    check(neighbours_of(*mapped, 3, query_block=7, index_block=9), similarity, 3)


def test_progress_is_told_after_each_block() -> None:
    told: list[tuple[int, int]] = []
    both_ways(*sides(5, 7), 1, lambda *one: told.append(one), query_block=2, index_block=4)
    assert told == [(i, 6) for i in range(1, 7)]


def test_errors() -> None:
    one = np.ones((1, 2))
    for wrong in (np.ones((0, 2)), np.ones((1, 3))):
        for find in (neighbours_of, both_ways):
            with pytest.raises(StudyError, match="embeddings"):
                find(one, wrong, 1)
