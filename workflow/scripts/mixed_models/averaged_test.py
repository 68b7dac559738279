"""One test of a coefficient that several models of the same rows have, each believed by its weight.

Turek & Fletcher (2012), Model-averaged Wald confidence intervals, Computational Statistics & Data
Analysis 56: the ends of the interval lie where the models' one-sided p-values have a mean of 2.5 %
each, and the p-value is that of the interval that just excludes zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtrit

from .denominator_df import LEVEL, Test


@dataclass(frozen=True)
class AveragedTest(Test):
    """The weighted mean of the models' estimates, with the interval and p-value of their average.

    The standard error is that of a t-interval as wide, with the weighted mean of their degrees of
    freedom; the interval itself need not lie evenly about the estimate.
    """

    parts: tuple[Test, ...]
    weights: tuple[float, ...]

    def below(self, value: float) -> float:
        """The confidence that the coefficient is below `value`."""
        return _below(self.parts, self.weights, value)

    def above(self, value: float) -> float:
        """The confidence that it is above `value`."""
        return _above(self.parts, self.weights, value)

    def end(self, level: float) -> float:
        """The value below which the coefficient is with the confidence `level`."""
        return _end(self.parts, self.weights, level)


def averaged(tests: Sequence[Test], weights: Sequence[float]) -> Test:
    """The average of the tests of one coefficient by several models; a single test as it is.

    `weights` are the models', in any unit.
    """
    if len(tests) == 1:
        return tests[0]
    parts, shares = tuple(tests), tuple(np.asarray(weights, dtype=float) / np.sum(weights))
    low, high = (_end(parts, shares, level) for level in (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))
    estimate = float(np.dot(shares, [test.estimate for test in parts]))
    df = float(np.dot(shares, [test.df for test in parts]))
    error = (high - low) / (2 * float(stdtrit(df, 0.5 + LEVEL / 2)))
    p = 2 * min(_below(parts, shares, 0.0), _above(parts, shares, 0.0))
    return AveragedTest(estimate, error, df, estimate / error, p, low, high, parts, shares)


def _below(tests: Sequence[Test], shares: Sequence[float], value: float) -> float:
    return float(np.dot(shares, [test.below(value) for test in tests]))


def _above(tests: Sequence[Test], shares: Sequence[float], value: float) -> float:
    """As exact as `_below` where it is small, which 1 less that is not."""
    return float(np.dot(shares, [test.above(value) for test in tests]))


def _end(tests: Sequence[Test], shares: Sequence[float], level: float) -> float:
    ends = [test.end(level) for test in tests]
    lowest, width = min(ends), max(ends) - min(ends)
    if width <= 1e-12 * max(map(abs, ends)):
        return lowest
    # A little wider, as rounding may put the average's own end just outside.
    bounds = lowest - 1e-6 * width, lowest + (1 + 1e-6) * width
    return float(brentq(lambda value: _below(tests, shares, value) - level, *bounds))
