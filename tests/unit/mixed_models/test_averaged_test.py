"""The average of several models' tests against its definition and against draws."""

import numpy as np
import pytest
from scipy import stats

from mixed_models.averaged_test import averaged
from mixed_models.denominator_df import Test

ESTIMATES, ERRORS, FREEDOM = (0.5, 0.62, 0.41), (0.30, 0.21, 0.25), (8.0, 40.0, 15.0)
WEIGHTS = (0.2, 0.5, 0.3)


def t_test(estimate, error, df):
    ends = stats.t.interval(0.95, df, estimate, error)
    p = 2 * stats.t.sf(abs(estimate / error), df)
    return Test(estimate, error, df, estimate / error, p, *ends)


@pytest.fixture
def parts():
    return [t_test(*each) for each in zip(ESTIMATES, ERRORS, FREEDOM, strict=True)]


def test_it_is_what_turek_and_fletcher_define(parts):
    found = averaged(parts, WEIGHTS)
    tails = [
        np.average([stats.t.cdf((end - e) / s, f) for e, s, f in zip(ESTIMATES, ERRORS, FREEDOM,
                   strict=True)], weights=WEIGHTS)
        for end in (found.low, 0.0, found.high)
    ]  # fmt: skip
    assert (tails[0], tails[2]) == pytest.approx((0.025, 0.975))
    assert found.p == pytest.approx(2 * tails[1])
    assert found.estimate == pytest.approx(np.average(ESTIMATES, weights=WEIGHTS))


def test_its_confidence_is_that_of_values_drawn_from_the_models(parts):
    random = np.random.default_rng(1)
    model = random.choice(3, 400_000, p=WEIGHTS)
    draws = np.array(ESTIMATES)[model] + np.array(ERRORS)[model] * random.standard_t(
        np.array(FREEDOM)[model]
    )
    found = averaged(parts, WEIGHTS)
    levels = (0.025, 0.05, 0.5, 0.95, 0.975)
    np.testing.assert_allclose(
        [found.end(level) for level in levels], np.quantile(draws, levels), atol=0.01
    )
    assert found.below(0.3) == pytest.approx(np.mean(draws < 0.3), abs=0.005)
    assert found.above(0.3) == pytest.approx(np.mean(draws > 0.3), abs=0.005)


def test_weights_are_in_any_unit(parts):
    first, second = averaged(parts, WEIGHTS), averaged(parts, [10 * each for each in WEIGHTS])
    assert first.p == pytest.approx(second.p)
    assert first.low == pytest.approx(second.low)


def test_one_model_is_its_own_test(parts):
    assert averaged(parts[:1], [0.3]) is parts[0]


def test_models_that_agree_are_as_one_of_them(parts):
    found = averaged([parts[0]] * 3, WEIGHTS)
    for name in ("estimate", "standard_error", "df", "t", "p", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(parts[0], name))


def test_a_model_of_no_weight_counts_for_nothing(parts):
    found = averaged(parts, [1.0, 0.0, 0.0])
    assert (found.low, found.high) == pytest.approx((parts[0].low, parts[0].high))
    assert found.p == pytest.approx(parts[0].p)


def test_the_interval_just_excludes_what_has_p_of_five_per_cent(parts):
    for end in ("low", "high"):
        moved = getattr(averaged(parts, WEIGHTS), end)
        shifted = [t_test(e - moved, s, f) for e, s, f in zip(ESTIMATES, ERRORS, FREEDOM,
                   strict=True)]  # fmt: skip
        assert averaged(shifted, WEIGHTS).p == pytest.approx(0.05)


def test_a_small_p_is_exact(parts):
    far = [t_test(100 * test.estimate, test.standard_error, 300.0) for test in parts]
    expected = 2 * np.average(
        [stats.t.sf(test.estimate / test.standard_error, 300.0) for test in far], weights=WEIGHTS
    )
    assert 0 < averaged(far, WEIGHTS).p == pytest.approx(expected, rel=1e-6)
