"""Metrics of rankings against scikit-learn's, and chance against all orders."""

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from xstilts.inference.analyses.ranking import chance, quality

GAINS = np.array([1.5, -0.5, 3.0, 0.2, 0.9])
SCORES = GAINS + 60


def test_by_hand():
    predicted = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    found = quality(GAINS, predicted, SCORES, seed=1)
    mean = GAINS.mean()
    assert found["recovered_at_1"] == pytest.approx((1.5 - mean) / (3.0 - mean))
    assert found["recovered_at_3"] == 1
    assert found["regret_at_1"] == pytest.approx(100 * 1.5 / 63)
    assert found["regret_at_3"] == 0
    assert found["rank_of_best"] == 3


def test_ndcg_is_scikit_learns():
    random = np.random.default_rng(1)
    for _ in range(20):
        gains, predicted = random.normal(size=(2, 7))
        relevance = (gains - gains.min()) / np.ptp(gains)
        expected = ndcg_score([2**relevance - 1], [predicted])
        assert quality(gains, predicted, None, seed=1)["ndcg"] == pytest.approx(expected)


def test_chance_is_the_mean_over_all_orders():
    every = [
        quality(GAINS, np.array(order, dtype=float), SCORES, seed=1)
        for order in permutations(range(len(GAINS)))
    ]
    expected = {name: np.mean([each[name] for each in every]) for name in every[0]}
    assert chance(GAINS, SCORES) == pytest.approx(expected)


def test_ties_score_as_chance():
    found = quality(GAINS, np.zeros(5), SCORES, seed=1)
    assert found["rank_of_best"] == pytest.approx(3, abs=0.6)
    assert found["rank_of_best"] != round(found["rank_of_best"])


def test_the_perfect_ranking():
    found = quality(GAINS, GAINS, SCORES, seed=1)
    assert found["recovered_at_1"] == found["ndcg"] == found["rank_of_best"] == 1
    assert found["regret_at_1"] == 0


def test_equal_gains_have_no_quality():
    found = quality(np.ones(4), np.arange(4.0), np.full(4, 60.0), seed=1)
    assert np.isnan(found["recovered_at_1"])
    assert np.isnan(found["ndcg"])
    assert found["regret_at_1"] == 0
