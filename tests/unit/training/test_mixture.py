"""Sampling rules against probabilities worked out by hand."""

import numpy as np
import pytest

from xstilts.core.errors import StudyError
from xstilts.training.mixture import draw, probabilities

SIZES = [100, 900, 16]
BY_HAND = {
    "proportional": [100 / 1016, 900 / 1016, 16 / 1016],
    "uniform": [1 / 3, 1 / 3, 1 / 3],
    "temperature": [10 / 44, 30 / 44, 4 / 44],  # square roots
    "capped": [100 / 266, 150 / 266, 16 / 266],
}


@pytest.mark.parametrize("sampling", BY_HAND)
def test_the_four_rules(sampling):
    found = probabilities(SIZES, sampling, temperature=2, cap=150)
    np.testing.assert_allclose(found, BY_HAND[sampling], rtol=1e-12)


def test_temperature_goes_from_proportional_to_uniform():
    first = probabilities(SIZES, "temperature", temperature=1, cap=1)
    np.testing.assert_allclose(first, BY_HAND["proportional"])
    last = probabilities(SIZES, "temperature", temperature=1e6, cap=1)
    np.testing.assert_allclose(last, BY_HAND["uniform"], atol=1e-4)


@pytest.mark.parametrize("sampling", BY_HAND)
def test_draws_follow_the_probabilities(sampling):
    chances = np.array(BY_HAND[sampling])
    drawn = draw(chances, 20_000, [5, 2])
    share = np.bincount(drawn, minlength=3) / len(drawn)
    assert (abs(share - chances) < 4 * np.sqrt(chances * (1 - chances) / len(drawn))).all()
    # Steps are drawn one by one, not in runs of one task.
    same = np.mean(drawn[1:] == drawn[:-1])
    assert same == pytest.approx((chances**2).sum(), abs=0.02)


def test_draws_depend_on_the_seed_alone():
    chances = np.array(BY_HAND["uniform"])
    first = draw(chances, 100, [1, 2])
    np.random.seed(3)
    np.random.random(5)
    assert (draw(chances, 100, [1, 2]) == first).all()
    assert (draw(chances, 100, [2, 2]) != first).any()


def test_unknown_rule_names_the_four():
    with pytest.raises(StudyError, match=r"'sqrt'.*proportional, uniform, temperature, capped"):
        probabilities(SIZES, "sqrt", 2, 150)
