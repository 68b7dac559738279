"""Search and mining against brute force, hand cases and a planted corpus."""

from functools import partial

import numpy as np
import pytest

from xstilts.core.errors import StudyError
from xstilts.retrieval.mining import best_threshold, distinct, mine, nearest
from xstilts.retrieval.search import both_ways


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    return pairwise.cosine_similarity(left, right)


def test_inputs_stay_as_they_are() -> None:
    random = np.random.default_rng(0)
    source, target = (random.standard_normal((5, 4)).astype(np.float32) for _ in range(2))
    before = source.copy(), target.copy()
    nearest(source, target)
    mine(source, target)
    assert (source == before[0]).all() and (target == before[1]).all()


def mine_slowly(
    source: np.ndarray, target: np.ndarray, k: int, margin: str
) -> list[tuple[int, int]]:
    """Artetxe & Schwenk's definition over the full matrix of cosines, "max" retrieval."""
    similarity = cosines(source, target)
    to_target = np.sort(similarity, axis=1)[:, ::-1][:, :k].mean(axis=1)
    to_source = np.sort(similarity, axis=0)[::-1][:k].mean(axis=0)
    scores = similarity.copy()
    if margin == "ratio":
        scores /= (to_target[:, None] + to_source[None]) / 2
    in_row = np.argsort(np.argsort(-similarity, axis=1), axis=1) < k
    in_column = np.argsort(np.argsort(-similarity, axis=0), axis=0) < k
    proposals = []
    for i in range(len(source)):
        j = max(np.flatnonzero(in_row[i]), key=lambda j: scores[i, j])
        proposals.append((-scores[i, j], i, j))
    for j in range(len(target)):
        i = max(np.flatnonzero(in_column[:, j]), key=lambda i: scores[i, j])
        proposals.append((-scores[i, j], i, j))
    pairs: list[tuple[int, int]] = []
    for _, i, j in sorted(proposals):
        if all(i != a and j != b for a, b in pairs):
            pairs.append((int(i), int(j)))
    return pairs


@pytest.mark.parametrize("margin", ["ratio", "cosine"])
@pytest.mark.parametrize("k", [1, 4])
def test_mining_equals_brute_force(margin: str, k: int) -> None:
    blocks = partial(both_ways, query_block=5, index_block=4)
    for seed in range(5):
        random = np.random.default_rng(seed)
        common = random.standard_normal(6)  # as encoders have: all cosines positive
        source, target = (random.standard_normal((n, 6)) + common for n in (19, 14))
        rows, columns, scores = mine(source, target, k, margin, search=blocks)
        assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == mine_slowly(
            source, target, k, margin
        )
        assert (np.diff(scores) <= 0).all()
        assert len(set(rows)) == len(set(columns)) == len(rows)


def planted(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """200 translations among 400 sentences; they cluster by topic, so the plain cosine misleads."""
    topics = 3 * random.standard_normal((8, 32))

    def draw(n: int) -> np.ndarray:
        topic = topics[random.integers(8, size=n)] * random.uniform(0.2, 1, (n, 1))
        return topic + random.standard_normal((n, 32))

    source = draw(400)
    target = np.concatenate([source[:200] + 0.5 * random.standard_normal((200, 32)), draw(200)])
    order = random.permutation(400)
    return source, target[order], order


def test_planted_corpus_is_found() -> None:
    f1 = {}
    for margin in ("ratio", "cosine"):
        source, target, order = planted(np.random.default_rng(1))
        rows, columns, scores = mine(source, target, margin=margin)
        right = (rows == order[columns]) & (rows < 200)
        threshold, f1[margin] = best_threshold(scores, right, 200)
        kept = scores >= threshold
        expected = 200 * right[kept].sum() / (kept.sum() + 200)
        assert f1[margin] == pytest.approx(expected)
    assert f1["ratio"] > 95
    assert f1["ratio"] > f1["cosine"]


def test_threshold_carries_over_to_another_half() -> None:
    first, second = (planted(np.random.default_rng(seed)) for seed in (1, 2))
    rows, columns, scores = mine(*first[:2])
    threshold, _ = best_threshold(scores, (rows == first[2][columns]) & (rows < 200), 200)
    rows, columns, scores = mine(*second[:2])
    kept = scores >= threshold
    right = ((rows == second[2][columns]) & (rows < 200))[kept].sum()
    assert 200 * right / (kept.sum() + 200) > 90


def test_threshold_by_hand() -> None:
    # Kept 1: F1 2/4; 2: 2/5; 3: 4/6; 4: 4/7.
    threshold, f1 = best_threshold(np.array([0.9, 0.8, 0.7, 0.6]), [True, False, True, False], 3)
    assert threshold == pytest.approx(0.65) and f1 == pytest.approx(200 / 3)
    # The order of candidates does not matter.
    assert best_threshold(np.array([0.6, 0.7, 0.9, 0.8]), [False, True, True, False], 3) == (
        pytest.approx(threshold),
        f1,
    )
    # Equal F1 (2/3 and 4/6): the higher threshold.
    threshold, f1 = best_threshold(np.array([4.0, 3, 2, 1]), [True, False, False, True], 2)
    assert threshold == 3.5 and f1 == pytest.approx(200 / 3)
    # Equal scores come in together: a cut between them does not exist.
    threshold, f1 = best_threshold(np.array([2.0, 2, 1]), [True, False, False], 1)
    assert 1 < threshold <= 2 and f1 == pytest.approx(200 / 3)
    # All are kept; neighbouring floats still separate.
    assert best_threshold(np.array([1.0, 0.5]), [True, True], 2) == (0.5, 100)
    # The midpoint of these two rounds to the lower one.
    close = np.nextafter(1.0, 0) - np.array([0, 2.0**-53])
    assert close.mean() == close[1]
    threshold, _ = best_threshold(close, [True, False], 1)
    assert (close >= threshold).tolist() == [True, False]


def test_threshold_without_anything_right() -> None:
    assert best_threshold(np.array([]), np.array([], bool), 5) == (np.inf, 0)
    assert best_threshold(np.array([1.0]), np.array([False]), 5) == (np.inf, 0)


def test_repeated_sentences_are_merged() -> None:
    assert distinct(["a", "b", "a", "c", "b"]).tolist() == [0, 1, 3]
    assert distinct([(1, 2), (1,), (1, 2)]).tolist() == [0, 1]
    random = np.random.default_rng(0)
    vectors = random.standard_normal((6, 8)) + 1
    source = vectors[[0, 0, 0, 1, 2]]  # the first sentence three times
    kept = distinct([0, 0, 0, 1, 2])
    rows, columns, _ = mine(source[kept], vectors)
    assert dict(zip(kept[rows].tolist(), columns.tolist(), strict=True)) == {0: 0, 3: 1, 4: 2}


def test_errors() -> None:
    one = np.ones((1, 2))
    with pytest.raises(StudyError, match="ratio or cosine"):
        mine(one, one, margin="ration")
    for wrong in (np.ones((0, 2)), np.ones((1, 3))):
        with pytest.raises(StudyError, match="embeddings"):
            nearest(one, wrong)
