"""Does similarity go with gain beyond what single tasks explain? A test by relabelling tasks.

Multiple regression quadratic assignment with double semi-partialing (Dekker, Krackhardt & Snijders
2007): what is left of similarity after the effects of both tasks and the covariates is relabelled
(see `relabelling`), and each time set against what is left of gain. It tests the sharp null (no
association in any task), needs no model of the errors, and sees the match of two tasks alone.

The slope's interval holds the slopes that the same test does not reject.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.inference.analyses.relabelling import Labels, Relabelling
from xstilts.inference.centring import TwoWay

# Fewer relabellings than this cannot give a p-value worth printing.
FEWEST_RELABELLINGS = 100
LEVEL = 0.95
# Numbers held at once: a table of thousands of pairs is relabelled in parts.
AT_ONCE = 4_000_000
# A part this much smaller than what it is left of is rounding error.
NOTHING_LEFT = 1e-9


@dataclass(frozen=True)
class Permutation:
    """Result for one predictor.

    Attributes:
        correlation: partial correlation of gain and predictor, given both tasks and covariates.
        slope: of gain on predictor, given the same (least squares).
        low, high: its 95 % interval: the slopes with p above 0.05. NaN if too few relabellings.
        df: pairs less all coefficients.
        p: two-sided, of this predictor alone; NaN if too few relabellings exist.
        p_max: two-sided, adjusted for all predictors tested together (Westfall & Young 1993).
        intermediates, targets: how many tasks could be relabelled; those with a missing dyad stay.
        n: dyads.
        relabellings: how many there are.
    """

    correlation: float
    slope: float
    low: float
    high: float
    df: int
    p: float
    p_max: float
    intermediates: int
    targets: int
    n: int
    relabellings: float


def mrqap(
    response: np.ndarray,
    predictors: Sequence[np.ndarray],
    covariates: Sequence[np.ndarray] = (),
    *,
    permutations: int,
    seed: int,
    labels: Labels | None = None,
) -> list[Permutation]:
    """Test each of `predictors`, with one set of relabellings for all.

    Args:
        response: (intermediates, targets); NaN where there is no value, here and below.
        predictors: each (intermediates, targets).
        covariates: each (intermediates, targets), held constant.
        permutations: relabellings drawn.
        seed: of the draws.
        labels: names and families of the tasks; without, all tasks of a side are exchangeable.

    A task with a missing dyad keeps its place, so that the holes do: what is permuted are
    residuals within the block of complete tasks (in the spirit of Freedman & Lane 1983).
    """
    labels = labels or Labels.unknown(response.shape)
    parts = [_Partial(response, predictor, covariates, labels) for predictor in predictors]
    for part in parts:
        part.relabel(permutations, seed)
    # A predictor whose tasks cannot be relabelled says nothing about the largest statistic.
    usable = [part.drawn for part in parts if part.enough]
    largest = np.max(usable, axis=0) if usable else np.full(permutations, np.nan)
    return [part.result(largest) for part in parts]


def _share(draws: np.ndarray, observed: float) -> float:
    """Share of draws as extreme as the observed one, which counts as one of them."""
    if not np.isfinite(observed):
        return math.nan
    return float((1 + np.sum(draws >= observed - 1e-12)) / (1 + len(draws)))


class _Partial:
    """One predictor: residuals on the dyads that it shares with the response."""

    def __init__(
        self,
        response: np.ndarray,
        predictor: np.ndarray,
        covariates: Sequence[np.ndarray],
        labels: Labels,
    ) -> None:
        self.seen = np.isfinite(response) & np.isfinite(predictor)
        for covariate in covariates:
            self.seen &= np.isfinite(covariate)
        self.n = int(self.seen.sum())
        row, column = np.nonzero(self.seen)
        self.tasks = TwoWay(row, column)
        self.basis = self._covariates([covariate[self.seen] for covariate in covariates])
        self.degrees = self.n - self.tasks.rank - self.basis.shape[1] - 1
        self.gain = self._residual(response[self.seen])
        self.predictor = self._residual(predictor[self.seen])
        self.size = float(np.sqrt(self.predictor @ self.predictor))
        if self.size <= NOTHING_LEFT * np.linalg.norm(predictor[self.seen]):
            self.size = 0.0
        self.relabelling = Relabelling(labels, self.seen)
        self.enough = self.relabelling.count >= FEWEST_RELABELLINGS
        self.covariances = np.empty(0)

    def _covariates(self, columns: list[np.ndarray]) -> np.ndarray:
        """Orthonormal basis of what the tasks leave of the covariates, (dyads, rank)."""
        if not columns:
            return np.empty((self.n, 0))
        left, sizes, _ = np.linalg.svd(
            self.tasks.residual(np.column_stack(columns)), full_matrices=False
        )
        return left[:, sizes > 1e-10 * max(1.0, sizes.max(initial=0.0))]

    def _residual(self, values: np.ndarray) -> np.ndarray:
        values = self.tasks.residual(values)
        return values - self.basis @ (self.basis.T @ values)

    def relabel(self, permutations: int, seed: int) -> None:
        """Draw; keeps, for each relabelling, the predictor's unit vector times gain and itself."""
        if not self.enough or not self.size:
            self.covariances = np.full((2, permutations), np.nan)
        else:
            found = [self._products(*orders) for orders in self._orders(permutations, seed)]
            self.covariances = np.concatenate(found, axis=1)
        self.drawn = self._statistic(self.covariances[0])

    def _orders(self, permutations: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rows, columns = self.relabelling.orders(permutations, seed)
        step = max(1, AT_ONCE // max(1, self.seen.size))
        for start in range(0, permutations, step):
            yield rows[start : start + step], columns[start : start + step]

    def _products(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        residuals = np.zeros(self.seen.shape)
        residuals[self.seen] = self.predictor
        row, column = np.nonzero(self.seen)
        moved = residuals[rows[:, row], columns[:, column]]
        # Holes stay where they are, so the tasks' effects stay out; covariates come back in.
        moved = moved - (moved @ self.basis) @ self.basis.T
        size = np.linalg.norm(moved, axis=1)
        unit = np.where(size > NOTHING_LEFT * self.size, size, np.nan)
        return np.stack([moved @ self.gain / unit, moved @ self.predictor / unit])

    def _statistic(self, covariance: np.ndarray) -> np.ndarray:
        """Size of t: unlike the correlation it compares between predictors of unlike n."""
        size = np.linalg.norm(self.gain)
        correlation = covariance / size if size > 0 else np.full_like(covariance, np.nan)
        rest = np.maximum(1 - correlation**2, 1e-15)
        return np.abs(correlation) * np.sqrt(max(self.degrees, 1) / rest)

    def result(self, largest: np.ndarray) -> Permutation:
        """Against its own draws, and against the largest of all predictors'."""
        covariance = self.predictor @ self.gain / self.size if self.size else math.nan
        size = float(np.linalg.norm(self.gain))
        statistic = float(self._statistic(np.array([covariance]))[0])
        low, high = self._interval(covariance) if self.enough else (math.nan, math.nan)
        return Permutation(
            correlation=covariance / size if size > 0 else math.nan,
            slope=covariance / self.size if self.size else math.nan,
            low=low,
            high=high,
            df=self.degrees,
            p=_share(self.drawn, statistic) if self.enough else math.nan,
            p_max=_share(largest, statistic) if self.enough else math.nan,
            intermediates=len(self.relabelling.rows),
            targets=len(self.relabelling.columns),
            n=self.n,
            relabellings=self.relabelling.count,
        )

    def _interval(self, covariance: float) -> tuple[float, float]:
        """Ends of the slopes b for which gain - b predictor is not rejected.

        With x the predictor's residual, y the gain's and u a relabelled predictor of length one, a
        relabelling is as extreme as the data where |u'y - b u'x| >= |x'y - b x'x| / |x|: for b
        between two bounds around the estimate. The ends are where one in twenty still is.
        """
        if not self.size:
            return math.nan, math.nan
        with_gain, with_itself = self.covariances
        differences = np.stack([covariance - with_gain, covariance + with_gain])
        moved = np.stack([self.size - with_itself, self.size + with_itself])
        # A relabelling that changes nothing is as extreme for every slope.
        same = (moved <= NOTHING_LEFT * self.size).any(axis=0)
        bounds = differences / np.where(same, 1.0, moved)
        lows = np.sort(np.where(same, -math.inf, bounds.min(axis=0)))
        highs = np.sort(np.where(same, math.inf, bounds.max(axis=0)))[::-1]
        # As p = (1 + as extreme) / (1 + draws) must exceed 0.05, so many draws must be.
        needed = math.floor((1 - LEVEL) * (1 + len(lows)) + 1e-9)
        if needed < 1 or needed > len(lows):
            return -math.inf, math.inf
        return float(lows[needed - 1]), float(highs[needed - 1])
