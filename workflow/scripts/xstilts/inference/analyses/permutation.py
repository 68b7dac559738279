"""Does similarity go with gain beyond what single tasks explain? A test by relabelling tasks.

Multiple regression quadratic assignment with double semi-partialing (Dekker, Krackhardt & Snijders
2007): what is left of similarity after the effects of both tasks and the covariates is relabelled
(see `relabelling`), and each time its slope is set against what is left of gain, over an error that
is right also where slopes differ between tasks (see `studentised`). It needs no model of the
errors, and sees the match of two tasks alone.

The slope's interval holds the slopes that the same test does not reject.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.inference.analyses.relabelling import Labels, Relabelling
from xstilts.inference.analyses.studentised import Draws, Sides, interval, share
from xstilts.inference.centring import TwoWay

# Fewer relabellings than this cannot give a p-value worth printing.
FEWEST_RELABELLINGS = 100
# Numbers held at once: a table of thousands of pairs is relabelled in parts.
AT_ONCE = 1_000_000
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
    usable = [part.drawn for part in parts if part.testable]
    largest = np.max(usable, axis=0) if usable else np.full(permutations, np.nan)
    return [part.result(largest) for part in parts]


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
        self.sides = Sides(row, column)
        self.relabelling = Relabelling(labels, self.seen)
        self.testable = self.size > 0 and self.relabelling.count >= FEWEST_RELABELLINGS

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
        """Draw the relabelled predictors, and what the test needs of each."""
        if not self.testable:
            self.drawn = np.full(permutations, np.nan)
            return
        orders = self._orders(permutations, seed)
        self.draws = Draws.joined([self._draws(self._moved(*each)) for each in orders])
        self.drawn = self.draws.statistics()

    def _draws(self, moved: np.ndarray) -> Draws:
        return Draws.of(moved, self.gain, self.predictor, self.sides)

    def _orders(self, permutations: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rows, columns = self.relabelling.orders(permutations, seed)
        step = max(1, AT_ONCE // max(1, self.seen.size))
        for start in range(0, permutations, step):
            yield rows[start : start + step], columns[start : start + step]

    def _moved(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The predictor with its tasks in each of these orders, (orders, dyads)."""
        residuals = np.zeros(self.seen.shape)
        residuals[self.seen] = self.predictor
        row, column = np.nonzero(self.seen)
        moved = residuals[rows[:, row], columns[:, column]]
        # Holes stay where they are, so the tasks' effects stay out; covariates come back in.
        return moved - (moved @ self.basis) @ self.basis.T

    def result(self, largest: np.ndarray) -> Permutation:
        """Against its own draws, and against the largest of all predictors'."""
        product = float(self.predictor @ self.gain)
        size = self.size * float(np.linalg.norm(self.gain))
        slope = product / self.size**2 if self.size else math.nan
        p = p_max = low = high = math.nan
        if self.testable:
            observed = self._draws(self.predictor[None, :])
            statistic = float(observed.statistics()[0])
            p, p_max = share(self.drawn, statistic), share(largest, statistic)
            low, high = interval(observed, self.draws, slope)
        return Permutation(
            correlation=product / size if size > 0 else math.nan,
            slope=slope,
            low=low,
            high=high,
            df=self.degrees,
            p=p,
            p_max=p_max,
            intermediates=len(self.relabelling.rows),
            targets=len(self.relabelling.columns),
            n=self.n,
            relabellings=self.relabelling.count,
        )
