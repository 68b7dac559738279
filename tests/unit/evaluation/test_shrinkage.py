"""Shrunken estimates against the truth that is known, and by hand."""

import numpy as np
import pytest

from xstilts.evaluation.shrinkage import shrunken


def test_by_hand():
    # Variance 4 of which 1 is noise: three quarters of each deviation stay.
    errors = np.full(3, np.sqrt(2 / 3))
    assert shrunken(np.array([1.0, 3.0, 5.0]), errors) == pytest.approx([1.5, 3.0, 4.5])


def test_two_rows_or_an_unknown_error_give_none():
    assert np.isnan(shrunken(np.array([1.0, 2.0]), np.ones(2))).all()
    assert np.isnan(shrunken(np.array([1.0, 2.0, 3.0]), np.array([1, np.nan, 1]))).all()


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_the_largest_is_right_on_average(spread):
    random = np.random.default_rng(5)
    raw, less = [], []
    for _ in range(2000):
        truth = random.normal(0, spread, 9)
        estimates = truth + random.normal(size=9)
        best = int(estimates.argmax())
        found = shrunken(estimates, np.full(9, np.sqrt(8 / 9)))
        raw.append(estimates[best] - truth[best])
        less.append(found[best] - truth[best])
    assert np.mean(raw) > 0.5
    assert abs(np.mean(less)) < 0.35 * np.mean(raw)
