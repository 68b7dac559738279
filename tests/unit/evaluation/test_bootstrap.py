"""Bootstrap intervals against scipy and by simulated coverage."""

import hashlib

import numpy as np
import pytest

from helpers.intervals import difference_interval, score_interval
from xstilts.core.draws import derived_seed
from xstilts.evaluation import bootstrap
from xstilts.evaluation.bootstrap import (
    interval,
    resampled_scores,
)
from xstilts.evaluation.metrics import metric_of

MEAN, F1 = metric_of("accuracy"), metric_of("span_f1")


def test_mean_difference_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    first, second = random.random(300), random.random(300) ** 2
    gain, low, high = difference_interval(MEAN, first[:, None], second[:, None], 8000, seed=1)
    expected = stats.bootstrap(
        (first - second,), np.mean, n_resamples=8000, method="percentile", rng=2
    ).confidence_interval
    assert gain == pytest.approx(100 * (first - second).mean())
    assert low == pytest.approx(100 * expected.low, abs=0.25)
    assert high == pytest.approx(100 * expected.high, abs=0.25)


def test_f1_of_counts_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    counts = random.integers(0, 4, (200, 3)).astype(float)
    counts[:, 0] = np.minimum(counts[:, 0], counts[:, 1:].min(axis=1))

    def f1(correct: np.ndarray, predicted: np.ndarray, gold: np.ndarray, axis: int) -> np.ndarray:
        return 200 * correct.sum(axis) / (predicted.sum(axis) + gold.sum(axis))

    expected = stats.bootstrap(
        tuple(counts.T), f1, paired=True, n_resamples=8000, method="percentile", rng=2
    ).confidence_interval
    value, low, high = score_interval(F1, counts, 8000, seed=1)
    assert value == pytest.approx(F1.score(counts))
    assert (low, high) == (
        pytest.approx(expected.low, abs=0.4),
        pytest.approx(expected.high, abs=0.4),
    )


def test_resamples_by_loop() -> None:
    """Each resample scores examples drawn with replacement, the same ones for every cell."""
    random = np.random.default_rng(0)
    contributions = random.integers(0, 3, (7, 2, 3)).astype(float)
    scores = resampled_scores(F1, contributions, 20, seed=5)
    drawn = np.random.default_rng(5).integers(7, size=(20, 7))
    for r in range(20):
        for cell in range(2):
            assert scores[r, cell] == pytest.approx(F1.score(contributions[drawn[r], cell]))


def test_coverage() -> None:
    """Of 95 % intervals of a paired gain, about 95 % hold the true gain."""
    random = np.random.default_rng(7)
    n, trials, hits = 150, 400, 0
    for trial in range(trials):
        skill = random.random(n)  # some items are easy for both cells
        baseline = (random.random(n) < 0.2 + 0.6 * skill).astype(float)
        cell = (random.random(n) < 0.25 + 0.7 * skill).astype(float)
        _, low, high = difference_interval(MEAN, cell[:, None], baseline[:, None], 400, seed=trial)
        hits += low <= 100 * (0.05 + 0.1 * 0.5) <= high
    assert 0.92 <= hits / trials <= 0.975


def test_pairing_narrows_the_interval() -> None:
    random = np.random.default_rng(0)
    baseline = (random.random((400, 1)) < 0.5).astype(float)
    cell = np.where(random.random((400, 1)) < 0.95, baseline, 1 - baseline)
    _, low, high = difference_interval(MEAN, cell, baseline, 1000, seed=0)
    _, alone_low, alone_high = score_interval(MEAN, cell, 1000, seed=0)
    assert high - low < 0.6 * (alone_high - alone_low)
    assert difference_interval(MEAN, cell, cell, 100, seed=0) == (0, 0, 0)


def test_seeded_and_independent_of_the_other_cells(monkeypatch) -> None:
    contributions = np.random.default_rng(0).random((50, 3, 1))
    scores = resampled_scores(MEAN, contributions, 100, seed=3)
    assert (scores == resampled_scores(MEAN, contributions, 100, seed=3)).all()
    assert (scores != resampled_scores(MEAN, contributions, 100, seed=4)).any()
    assert np.allclose(scores[:, :1], resampled_scores(MEAN, contributions[:, :1], 100, seed=3))
    monkeypatch.setattr(bootstrap, "DRAWS_AT_ONCE", 333)
    assert np.allclose(scores, resampled_scores(MEAN, contributions, 100, seed=3))


def test_degenerate_samples() -> None:
    assert score_interval(F1, np.zeros((4, 3)), 50, seed=0) == (0, 0, 0)
    assert score_interval(MEAN, np.ones((1, 1)), 50, seed=0) == (100, 100, 100)


def test_interval_ends() -> None:
    low, high = interval(np.arange(101.0), level=0.9)
    assert (low, high) == (pytest.approx(5), pytest.approx(95))


def test_derived_seeds() -> None:
    assert derived_seed(1, "ner", "sw", 2) == derived_seed(1, "ner", "sw", 2)
    names = [
        (1, "ner", "sw", 2),
        (1, "ner", "sw", 3),
        (1, "pos", "sw", 2),
        (2, "ner", "sw", 2),
        (1, "ners", "w", 2),
    ]
    assert len({derived_seed(*name) for name in names}) == len(names)
    # SHA-256 and not Python's hash, which differs from process to process.
    assert derived_seed(1, "ner") == int(hashlib.sha256(b"1\nner").hexdigest()[:16], 16)
