"""The belief in a grid against the textbook's conditional normal, and what it learns."""

import numpy as np
import pytest
from scipy import stats

from xstilts.inference.prediction import belief

PRIORS = [(belief.SLOPE, belief.SLOPE_DEVIATION)]


def crossed(rows, columns, seed, slope=0.0):
    """Gains with an effect of the row, one of similarity and one of the cell."""
    random = np.random.default_rng(seed)
    similarity = random.normal(size=(rows, columns))
    gains = random.normal(size=(rows, 1)) + 0.5 * random.normal(size=(rows, columns))
    return gains + slope * similarity, similarity


def test_unseen_cells_of_a_row_are_conditional_normal():
    random = np.random.default_rng(1)
    root = random.normal(size=(4, 4))
    covariance = root @ root.T + np.eye(4)
    away = np.array([0.7, np.nan, -1.1, np.nan])
    filled, rest = belief._completed(away, covariance)
    # The same by adding nearly exact observations to the prior, one at a time (Kalman).
    mean, spread = np.zeros(4), covariance
    for place in (0, 2):
        weight = spread[:, place] / (spread[place, place] + 1e-12)
        mean = mean + weight * (away[place] - mean[place])
        spread = spread - np.outer(weight, spread[place])
    assert filled == pytest.approx(mean, abs=1e-6)
    assert rest == pytest.approx(spread, abs=1e-6)


def test_measured_cells_stand_as_measured_and_draws_have_the_mean():
    gains, similarity = crossed(12, 6, 2)
    random = np.random.default_rng(3)
    measured = np.where(random.random(gains.shape) < 0.5, gains, np.nan)
    seen = np.isfinite(measured)
    found = belief.believe(measured, [similarity], random, 4000, PRIORS)
    assert found.mean[seen] == pytest.approx(gains[seen])
    assert found.draws[:, seen].std(axis=0) == pytest.approx(0, abs=1e-6)
    assert found.draws.mean(axis=0) == pytest.approx(found.mean, abs=0.12)


def test_rows_that_helped_are_believed_in_elsewhere():
    ranks = []
    for seed in range(10):
        gains, similarity = crossed(20, 6, seed)
        measured = gains.copy()
        measured[:, 3:] = np.nan
        measured[:4, 3:] = gains[:4, 3:]
        found = belief.believe(measured, [similarity], np.random.default_rng(1), 4, PRIORS)
        ranks.append(stats.spearmanr(found.mean[4:, 5], gains[4:, 5]).statistic)
    assert np.mean(ranks) > 0.6


def test_most_unseen_gains_lie_within_nine_in_ten_of_the_draws():
    inside = []
    for seed in range(20):
        gains, similarity = crossed(25, 8, seed, slope=0.5)
        random = np.random.default_rng(seed)
        unseen = random.random(gains.shape) < 0.5
        measured = np.where(unseen, np.nan, gains)
        found = belief.believe(measured, [similarity], random, 400, PRIORS)
        low, high = np.quantile(found.draws, [0.05, 0.95], axis=0)
        inside.append(((low <= gains) & (gains <= high))[unseen].mean())
    # Covariance and slope are taken as known: somewhat fewer than nine in ten.
    assert 0.8 < np.mean(inside) < 0.93


def test_before_anything_is_measured_the_similar_are_believed_in():
    _, similarity = crossed(8, 3, 4)
    blank = np.full(similarity.shape, np.nan)
    found = belief.believe(blank, [similarity], np.random.default_rng(1), 8, PRIORS)
    assert (found.mean.argmax(axis=0) == similarity.argmax(axis=0)).all()
    assert np.isfinite(found.draws).all()
