"""The permutation test against enumeration of all relabellings and against statsmodels."""

import warnings
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from xstilts.inference.analyses.permutation import mrqap
from xstilts.inference.analyses.studentised import Draws, Sides


def ordinary_t(response: np.ndarray, predictor: np.ndarray, covariate: np.ndarray | None) -> float:
    """t of the predictor in a regression with an effect for every row and column."""
    row, column = (index.ravel() for index in np.indices(response.shape))
    table = pd.DataFrame(
        {"y": response.ravel(), "x": predictor.ravel(), "row": row, "column": column}
    )
    formula = "y ~ x + C(row) + C(column)"
    if covariate is not None:
        table["z"] = covariate.ravel()
        formula += " + z"
    return smf.ols(formula, table.dropna()).fit().tvalues["x"]


def residual(values: np.ndarray) -> np.ndarray:
    """Double-centred, of a full matrix."""
    return values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()


@pytest.fixture
def numbers() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    x = random.normal(size=(4, 4)) + random.normal(size=(4, 1))
    return x + 2.0 * random.normal(size=(4, 4)), x


def robust_t(response: np.ndarray, predictor: np.ndarray) -> float:
    """t of the predictor by statsmodels, over the two-way clustered or the pairs' own error."""
    row, column = (index.ravel() for index in np.indices(response.shape))
    dummies = np.hstack([np.eye(len(response))[row], np.eye(response.shape[1])[column][:, 1:]])
    model = sm.OLS(response.ravel(), np.column_stack([predictor.ravel(), dummies]))
    tasks = {"groups": np.column_stack([row, column]), "use_correction": False}
    with warnings.catch_warnings():
        # A two-way variance may be negative, which makes its root NaN; then it is not the larger.
        warnings.simplefilter("ignore")
        fits = [model.fit(cov_type="cluster", cov_kwds=tasks), model.fit(cov_type="HC0")]
    return float(np.nanmin([abs(fitted.tvalues[0]) for fitted in fits]))


def test_p_is_the_share_of_all_relabellings(numbers):
    response, predictor = numbers
    observed = robust_t(response, predictor)
    centred = residual(predictor)
    every = [
        robust_t(response, centred[np.ix_(rows, columns)])
        for rows in permutations(range(4))
        for columns in permutations(range(4))
    ]
    exact = np.mean(np.array(every) >= observed - 1e-9)
    (found,) = mrqap(response, [predictor], permutations=20000, seed=1)
    assert 0.01 < exact < 0.5
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20000))


@pytest.mark.parametrize("slope", [-1.5, 0.4])
def test_the_statistic_at_any_slope_is_that_of_gains_less_it(numbers, slope):
    response, predictor = (residual(values) for values in numbers)
    moved = predictor[[2, 0, 3, 1]][:, [1, 0, 2, 3]]
    row, column = (index.ravel() for index in np.indices(response.shape))
    draws = Draws.of(moved.reshape(1, -1), response.ravel(), predictor.ravel(), Sides(row, column))
    expected = robust_t(response - slope * predictor, moved)
    assert draws.statistics(slope)[0] == pytest.approx(expected)


def test_the_interval_holds_the_slopes_that_are_not_rejected():
    random = np.random.default_rng(6)
    predictor, noise = random.normal(size=(2, 8, 7))
    response = 0.5 * predictor + noise
    (found,) = mrqap(response, [predictor], permutations=399, seed=1)

    def p(slope: float) -> float:
        (moved,) = mrqap(response - slope * predictor, [predictor], permutations=399, seed=1)
        return moved.p

    assert found.low < found.slope < found.high
    for end, outwards in ((found.low, -1), (found.high, 1)):
        assert p(end) > 0.05 >= p(end + outwards * 1e-6)


def test_slopes_that_differ_between_tasks_are_no_mean_slope():
    """Slopes that differ by as much as the noise: the worst case, far beyond the calibration's."""
    random = np.random.default_rng(8)
    seen = {"p": 0, "bare": 0}
    for _ in range(200):
        predictor = random.normal(size=(9, 9))
        slopes = random.normal(size=(9, 1)) + random.normal(size=(1, 9))
        response = slopes * predictor + random.normal(size=(9, 9))
        (found,) = mrqap(response, [predictor], permutations=99, seed=1)
        seen["p"] += found.p <= 0.05
        left = residual(response), residual(predictor)
        bare = [
            abs(np.vdot(left[0], left[1][np.ix_(*(random.permutation(9) for _ in "ab"))]))
            for _ in range(99)
        ]
        seen["bare"] += np.mean([abs(np.vdot(*left)) <= each for each in bare]) < 0.05
    # Of 200, 10 are due; nine tasks are too few for the robust error to be quite right.
    assert seen["p"] <= 40
    assert seen["bare"] > 2 * seen["p"]


def test_a_measure_that_tasks_explain_says_nothing_of_the_largest():
    random = np.random.default_rng(3)
    response, predictor = random.normal(size=(2, 7, 7))
    explained = np.add.outer(np.arange(7.0), np.arange(7.0) ** 2)
    alone, beside = (
        mrqap(response, each, permutations=199, seed=1)[0]
        for each in ([predictor], [predictor, explained])
    )
    assert beside.p_max == alone.p_max == alone.p


def test_correlation_is_that_of_the_regression_with_covariate_and_hole(numbers):
    response, predictor = (values.copy() for values in numbers)
    covariate = np.zeros((4, 4))
    covariate[0, 0] = covariate[1, 2] = 1
    response[3, 3] = np.nan
    (found,) = mrqap(response, [predictor], [covariate], permutations=99, seed=1)
    t = ordinary_t(response, predictor, covariate)
    degrees = 15 - 7 - 1 - 1
    assert found.n == 15
    assert found.correlation == pytest.approx(t / np.sqrt(t**2 + degrees))


def test_tasks_with_a_hole_keep_their_places():
    random = np.random.default_rng(1)
    response, predictor = random.normal(size=(2, 9, 9))
    response[2, 3] = np.nan
    (found,) = mrqap(response, [predictor], permutations=199, seed=1)
    assert (found.intermediates, found.targets, found.n) == (8, 8, 80)
    assert 0 < found.p <= 1


def test_too_few_relabellings_give_no_p():
    random = np.random.default_rng(1)
    response, predictor = random.normal(size=(2, 5, 5))
    response[[0, 1, 2, 3], [0, 1, 2, 3]] = np.nan
    (found,) = mrqap(response, [predictor], permutations=99, seed=1)
    assert np.isnan(found.p)


def test_a_predictor_that_tasks_explain_has_no_p():
    random = np.random.default_rng(1)
    predictor = random.normal(size=(6, 1)) + random.normal(size=(1, 6))
    (found,) = mrqap(random.normal(size=(6, 6)), [predictor], permutations=99, seed=1)
    assert np.isnan(found.p)


def test_adjusted_p_is_never_smaller_and_equals_it_for_one():
    random = np.random.default_rng(2)
    response = random.normal(size=(7, 7))
    several = [random.normal(size=(7, 7)) for _ in range(4)]
    found = mrqap(response, several, permutations=499, seed=3)
    assert all(each.p_max >= each.p for each in found)
    assert max(each.p_max - each.p for each in found) > 0.05
    (alone,) = mrqap(response, several[:1], permutations=499, seed=3)
    assert alone.p == alone.p_max == found[0].p


def test_one_measure_twice_needs_no_adjustment():
    random = np.random.default_rng(2)
    response, predictor = random.normal(size=(2, 7, 7))
    twice = mrqap(response, [predictor, 3 * predictor + 1], permutations=499, seed=3)
    assert [each.p_max for each in twice] == [each.p for each in twice]


def test_false_positives_are_as_nominal():
    random = np.random.default_rng(4)
    p = []
    for seed in range(200):
        shared = random.normal(size=(2, 9, 1)) + random.normal(size=(2, 1, 9))
        response, predictor = shared + random.normal(size=(2, 9, 9))
        p.append(mrqap(response, [predictor], permutations=99, seed=seed)[0].p)
    # 10 expected of 200; the bounds hold with probability above 0.999.
    assert 1 <= np.sum(np.array(p) <= 0.05) <= 21
