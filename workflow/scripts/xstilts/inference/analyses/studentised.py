"""Slopes over their errors, for gains less any slope: what a relabelling is judged by.

Where the slope of gain on similarity differs between tasks, rows and columns of pairs share errors
that relabelling breaks up, so that the bare slope rejects a true mean of zero in 10 to 16 of 100
studies. Over an error that is robust to such rows and columns the test is right there too where
tasks are many (Chung & Romano 2013, Annals of Statistics 41; DiCiccio & Romano 2017, Journal of the
American Statistical Association 112), and stays exact where tasks are exchangeable; of nine by nine
it rejects 7 in 100 (benchmarks/calibration.md), and 15 where slopes are all that there is. The
error is that of two-way clusters (Cameron, Gelbach & Miller 2011, Journal of Business & Economic
Statistics 29), or of the pairs alone where that is larger.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

LEVEL = 0.95
# An error this much smaller than what it is an error of is rounding.
NO_ERROR = 1e-12
DOUBLINGS = 60
HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Draws:
    """Statistics of `gain - b predictor` on m relabelled predictors u, as functions of b.

    With e what is left of it after its slope on u, covariance[0] + b covariance[1] is its product
    with u, (2, m); `clustered` and `pairs` are the coefficients of 1, b, b^2 of the squared error
    of that product, (3, m): sums of the squared row and column sums of u e, less those of its
    squared entries, and those alone.
    """

    covariance: np.ndarray
    clustered: np.ndarray
    pairs: np.ndarray
    smallest: float

    @classmethod
    def of(
        cls, moved: np.ndarray, gain: np.ndarray, predictor: np.ndarray, sides: "Sides"
    ) -> "Draws":
        """Of relabelled predictors (m, pairs); gain and predictor (pairs,) less the tasks'
        effects.
        """
        squares = np.einsum("mk,mk->m", moved, moved)
        with np.errstate(divide="ignore", invalid="ignore"):
            covariance = np.stack([moved @ gain, -(moved @ predictor)])
            slopes = covariance / squares
            scores = [
                moved * (start - slope[:, None] * moved)
                for start, slope in zip((gain, -predictor), slopes, strict=True)
            ]
        pairs = _quadratic(*scores)
        clustered = -pairs
        for side in sides.sums:
            clustered = clustered + _quadratic(*(side(each) for each in scores))
        smallest = NO_ERROR * float(gain @ gain) * float(predictor @ predictor)
        return cls(covariance, clustered, pairs, smallest)

    @classmethod
    def joined(cls, parts: Sequence["Draws"]) -> "Draws":
        """The draws of all parts."""
        return cls(
            np.concatenate([each.covariance for each in parts], axis=1),
            np.concatenate([each.clustered for each in parts], axis=1),
            np.concatenate([each.pairs for each in parts], axis=1),
            parts[0].smallest,
        )

    def statistics(self, slope: float = 0.0) -> np.ndarray:
        """The sizes of the statistic at b = slope, (m,)."""
        powers = np.array([1.0, slope, slope**2])
        errors = np.maximum(powers @ self.clustered, powers @ self.pairs)
        product = powers[:2] @ self.covariance
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(product) / np.sqrt(np.maximum(errors, self.smallest))


class Sides:
    """Sums over the pairs of each row, and of each column."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray) -> None:
        """`rows` and `columns` are (pairs,) places of the tasks."""
        self.sums = [_summing(codes) for codes in (rows, columns)]


def _summing(codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    ones = np.ones(len(codes)), (codes, np.arange(len(codes)))
    indicator = sparse.csr_array(ones)
    return lambda values: (indicator @ values.T).T


def _quadratic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Coefficients of 1, b, b^2 of the sum over k of (first + b second)^2, (3, m)."""
    return np.stack(
        [
            np.einsum("mk,mk->m", first, first),
            2 * np.einsum("mk,mk->m", first, second),
            np.einsum("mk,mk->m", second, second),
        ]
    )


def share(draws: np.ndarray, observed: float) -> float:
    """Share of draws as extreme as the observed one, which counts as one of them."""
    if not math.isfinite(observed):
        return math.nan
    return float((1 + np.sum(draws >= observed * (1 - 1e-9))) / (1 + len(draws)))


def interval(observed: Draws, draws: Draws, estimate: float) -> tuple[float, float]:
    """Ends of the slopes around the estimate that the test does not reject at 5 %.

    Infinite where it rejects none on that side.
    """
    error = np.sqrt(max(observed.clustered[0, 0], observed.pairs[0, 0], observed.smallest))
    step = float(error / abs(observed.covariance[1, 0]))

    def kept(slope: float) -> bool:
        return share(draws.statistics(slope), float(observed.statistics(slope)[0])) > 1 - LEVEL

    low, high = (_end(kept, estimate, sign * step) for sign in (-1.0, 1.0))
    return low, high


def _end(kept: Callable[[float], bool], inside: float, step: float) -> float:
    """The last slope that is kept on the way from `inside` in the step's direction."""
    for _ in range(DOUBLINGS):
        outside = inside + step
        if not kept(outside):
            break
        inside, step = outside, 2 * step
    else:
        return math.copysign(math.inf, step)
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return inside
