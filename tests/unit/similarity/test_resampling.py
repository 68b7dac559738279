"""Intervals cover, reliability is what it should be, halves are halves."""

import numpy as np
import pytest

from xstilts.similarity.resampling import halvings, interval, reliability


def test_halves():
    masks = halvings(11, 4, seed=1, name="task")
    assert masks.shape == (9, 11)
    assert masks[0].all()
    assert (masks[1:5].sum(1) == 5).all()
    assert (masks[1:5] ^ masks[5:]).all()
    assert (masks == halvings(11, 4, seed=1, name="task")).all()
    assert (masks != halvings(11, 4, seed=1, name="other")).any()
    assert (masks != halvings(11, 4, seed=2, name="task")).any()


def test_interval_of_a_mean_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        sample = random.exponential(size=80)
        masks = halvings(80, 50, seed=trial, name="task")
        low, high = interval(masks @ sample / masks.sum(1))
        covered += low <= 1.0 <= high
    assert 0.88 < covered / 300 < 0.98


def test_interval_of_a_constant_is_a_point():
    assert interval(np.full(21, 0.3)) == (pytest.approx(0.3), pytest.approx(0.3))


def over_grid(values):
    """Reliability of values [intermediates, targets, masks]."""
    rows, columns, masks = values.shape
    one = [f"i{row}" for row in range(rows) for _ in range(columns)]
    other = [f"t{column}" for _ in range(rows) for column in range(columns)]
    return reliability(values.reshape(-1, masks), one, other)


def test_reliability_is_the_share_of_true_variance():
    # Halves with error variance 2 v make wholes with v: reliability of the whole 1 / (1 + v).
    random = np.random.default_rng(0)
    truth = random.standard_normal((40, 40, 1))
    noise = random.standard_normal((40, 40, 2)) * np.sqrt(2 * 0.5)
    values = np.concatenate([truth, truth + noise], axis=2)
    assert over_grid(values) == pytest.approx(1 / 1.5, abs=0.05)


def test_reliability_is_none_of_the_tasks_own_means():
    random = np.random.default_rng(0)
    means = 100 * (random.standard_normal((30, 1, 1)) + random.standard_normal((1, 30, 1)))
    values = random.standard_normal((30, 30, 3))
    assert over_grid(values + means) == pytest.approx(over_grid(values))
    assert over_grid(values + means) < 0.15


def test_reliability_at_the_ends():
    random = np.random.default_rng(0)
    truth = random.standard_normal((5, 6, 1))
    assert over_grid(np.tile(truth, (1, 1, 9))) == pytest.approx(1)
    assert over_grid(np.ones((4, 5, 5))) is None
    assert over_grid(random.standard_normal((1, 5, 5))) is None


def test_reliability_with_a_pair_missing():
    random = np.random.default_rng(0)
    truth = np.tile(random.standard_normal((11, 1)), (1, 5))
    one, other = [f"i{n // 4}" for n in range(11)], [f"t{n % 4}" for n in range(11)]
    assert reliability(truth, one, other) == pytest.approx(1)
