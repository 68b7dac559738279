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


def test_reliability_is_the_share_of_true_variance():
    # Halves with error variance 2 v make wholes with v: reliability of the whole 1 / (1 + v).
    random = np.random.default_rng(0)
    truth = random.standard_normal((60, 60, 1))
    noise = random.standard_normal((60, 60, 2)) * np.sqrt(2 * 0.5)
    values = np.concatenate([truth, truth + noise], axis=2)
    assert reliability(values) == pytest.approx(1 / 1.5, abs=0.03)


def test_reliability_is_none_of_the_tasks_own_means():
    random = np.random.default_rng(0)
    means = 100 * (random.standard_normal((40, 1, 1)) + random.standard_normal((1, 40, 1)))
    values = random.standard_normal((40, 40, 3))
    assert reliability(values + means) == pytest.approx(reliability(values))
    assert reliability(values + means) < 0.1


def test_reliability_at_the_ends():
    random = np.random.default_rng(0)
    truth = random.standard_normal((5, 6, 1))
    assert reliability(np.tile(truth, (1, 1, 9))) == pytest.approx(1)
    assert reliability(np.ones((4, 5, 5))) is None
    assert reliability(random.standard_normal((1, 5, 5))) is None
