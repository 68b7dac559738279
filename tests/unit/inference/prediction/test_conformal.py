"""Thresholds for a row of a new group, against draws by hand and against brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.inference.prediction.conformal import attainable, threshold

ERRORS = st.floats(0, 100, allow_nan=False)
GROUPS = st.lists(st.lists(ERRORS, min_size=1, max_size=3), min_size=2, max_size=5)


def test_groups_of_one_row_give_the_usual_conformal_quantile():
    errors = [np.array([value]) for value in [5.0, 1, 3, 2, 4, 9, 8, 6, 7]]
    # Nine errors: the ninth smallest holds a tenth with probability 9 in 10, the fifth 5 in 10.
    assert threshold(errors, 0.9) == pytest.approx(9)
    assert threshold(errors, 0.5) == pytest.approx(5)
    assert threshold(errors, 0.55) == pytest.approx(5.5)


@given(GROUPS, st.data())
def test_it_is_the_mean_over_all_ways_to_draw_one_row_of_each_group(groups, data):
    rank = data.draw(st.integers(1, len(groups)))
    draws = [sorted(drawn)[rank - 1] for drawn in itertools.product(*groups)]
    found = threshold([np.array(group) for group in groups], rank / (len(groups) + 1))
    assert found == pytest.approx(np.mean(draws), abs=1e-9)


@given(GROUPS, st.floats(0.1, 1.0), st.floats(0.1, 10))
def test_errors_and_threshold_share_their_unit(groups, share, unit):
    confidence = share * attainable(len(groups), 1.0)
    one = threshold([np.array(group) for group in groups], confidence)
    assert threshold([unit * np.array(group) for group in groups], confidence) == pytest.approx(
        unit * one, abs=1e-9
    )
    assert 0 <= one <= max(itertools.chain(*groups)) + 1e-9


def test_a_new_group_of_the_same_population_is_covered():
    """Folded normal errors with effects of groups: 9 groups of 20, nominal 0.9, many studies."""
    draw = np.random.default_rng(1)
    groups = np.abs(draw.normal(size=(400, 14, 1)) + draw.normal(size=(400, 14, 20)))
    held = [(study[9:] <= threshold(list(study[:9]), 0.9)).mean() for study in groups]
    assert 0.895 <= np.mean(held) <= 0.94


@pytest.mark.parametrize("groups, expected", [(9, 0.9), (10, 0.9), (8, 8 / 9), (5, 5 / 6)])
def test_few_groups_allow_less(groups, expected):
    assert attainable(groups, 0.9) == pytest.approx(expected)
    assert threshold([np.array([1.0])] * groups, attainable(groups, 0.9)) == pytest.approx(1)


@pytest.mark.parametrize("errors", [[], [[1.0], []], [[1.0]] * 8])
def test_what_gives_no_interval_is_refused(errors):
    with pytest.raises(ValueError, match="group"):
        threshold([np.array(group) for group in errors], 0.9)
