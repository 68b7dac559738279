"""Does similarity go with gain beyond what single tasks explain? A test by relabelling tasks.

Multiple regression quadratic assignment with double semi-partialing (Dekker, Krackhardt & Snijders
2007), for two different sets of tasks: what is left of similarity after the effects of both tasks
and the covariates is permuted by intermediate and by target independently, and each time set
against what is left of gain. It tests the sharp null (no association in any task), needs no model
of the errors, and confirms the mixed model, which tests the mean slope.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Fewer relabellings than this cannot give a p-value worth printing.
FEWEST_RELABELLINGS = 100


@dataclass(frozen=True)
class Permutation:
    """Result for one predictor.

    Attributes:
        correlation: partial correlation of gain and predictor, given both tasks and covariates.
        p: two-sided, of this predictor alone; NaN if too few relabellings exist.
        p_max: two-sided, adjusted for all predictors tested together (Westfall & Young 1993).
        intermediates, targets: how many tasks were relabelled; those with a missing dyad stay.
        n: dyads.
    """

    correlation: float
    p: float
    p_max: float
    intermediates: int
    targets: int
    n: int


def mrqap(
    response: np.ndarray,
    predictors: Sequence[np.ndarray],
    covariates: Sequence[np.ndarray] = (),
    *,
    permutations: int,
    seed: int,
) -> list[Permutation]:
    """Test each of `predictors`, with one set of relabellings for all.

    Args:
        response: (intermediates, targets); NaN where there is no value, here and below.
        predictors: each (intermediates, targets).
        covariates: each (intermediates, targets), held constant.
        permutations: relabellings drawn.
        seed: of the draws.

    A task with a missing dyad keeps its place, so that the holes do: what is permuted are
    residuals within the block of complete tasks (in the spirit of Freedman & Lane 1983).
    """
    rows, columns = response.shape
    random = np.random.default_rng(seed)
    keys = random.random((permutations, rows)), random.random((permutations, columns))
    parts = [_Partial(response, predictor, covariates) for predictor in predictors]
    observed = np.array([part.statistic for part in parts])
    drawn = np.array([part.permuted(*keys) for part in parts]).reshape(len(parts), permutations)
    # A predictor whose tasks cannot be relabelled says nothing about the largest statistic.
    usable = [part.relabellings >= FEWEST_RELABELLINGS for part in parts]
    largest = np.max(drawn[usable], axis=0) if any(usable) else np.full(permutations, np.nan)
    results = []
    for part, statistic, draws, enough in zip(parts, observed, drawn, usable, strict=True):
        p = _share(draws, statistic) if enough else math.nan
        p_max = _share(largest, statistic) if enough else math.nan
        sizes = (len(part.free[0]), len(part.free[1]), part.n)
        results.append(Permutation(part.correlation, p, p_max, *sizes))
    return results


def _share(draws: np.ndarray, observed: float) -> float:
    """Share of draws as extreme as the observed one, which counts as one of them."""
    if not np.isfinite(observed):
        return math.nan
    return float((1 + np.sum(draws >= observed - 1e-12)) / (1 + len(draws)))


class _Partial:
    """One predictor: residuals on the dyads that it shares with the response."""

    def __init__(
        self, response: np.ndarray, predictor: np.ndarray, covariates: Sequence[np.ndarray]
    ) -> None:
        self.seen = np.isfinite(response) & np.isfinite(predictor)
        for covariate in covariates:
            self.seen &= np.isfinite(covariate)
        self.n = int(self.seen.sum())
        self.basis = self._nuisance(covariates)
        self.degrees = self.n - self.basis.shape[1] - 1
        self.gain = self._residual(response[self.seen])
        self.predictor = self._residual(predictor[self.seen])
        self.free = self._complete_tasks()
        self.correlation = float(self._correlation(self.predictor[None, :])[0])
        self.statistic = float(self._statistic(np.array([self.correlation]))[0])

    @property
    def relabellings(self) -> float:
        """How many there are in all."""
        return float(math.factorial(len(self.free[0])) * math.factorial(len(self.free[1])))

    def _nuisance(self, covariates: Sequence[np.ndarray]) -> np.ndarray:
        """Orthonormal basis of both tasks' effects and the covariates, (dyads, rank)."""
        row, column = np.nonzero(self.seen)
        dummies = [np.equal.outer(codes, np.unique(codes)) for codes in (row, column)]
        extra = [covariate[self.seen][:, None] for covariate in covariates]
        design = np.hstack([*dummies, *extra]).astype(float)
        left, sizes, _ = np.linalg.svd(design, full_matrices=False)
        return left[:, sizes > 1e-10 * max(1.0, sizes.max(initial=0.0))]

    def _residual(self, values: np.ndarray) -> np.ndarray:
        return values - (values @ self.basis) @ self.basis.T

    def _complete_tasks(self) -> tuple[np.ndarray, np.ndarray]:
        used_rows = np.nonzero(self.seen.any(axis=1))[0]
        used_columns = np.nonzero(self.seen.any(axis=0))[0]
        block = self.seen[np.ix_(used_rows, used_columns)]
        return used_rows[block.all(axis=1)], used_columns[block.all(axis=0)]

    def permuted(self, row_keys: np.ndarray, column_keys: np.ndarray) -> np.ndarray:
        """The statistic of each relabelling."""
        residuals = np.zeros(self.seen.shape)
        residuals[self.seen] = self.predictor
        rows = _shuffled(row_keys, self.free[0])
        columns = _shuffled(column_keys, self.free[1])
        moved = residuals[rows[:, :, None], columns[:, None, :]][:, self.seen]
        return self._statistic(self._correlation(self._residual(moved)))

    def _correlation(self, predictors: np.ndarray) -> np.ndarray:
        size = np.sqrt((predictors**2).sum(axis=1) * (self.gain**2).sum())
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(size > 1e-12, predictors @ self.gain / size, np.nan)

    def _statistic(self, correlation: np.ndarray) -> np.ndarray:
        """Size of t: unlike the correlation it compares between predictors of unlike n."""
        rest = np.maximum(1 - correlation**2, 1e-15)
        return np.abs(correlation) * np.sqrt(max(self.degrees, 1) / rest)


def _shuffled(keys: np.ndarray, free: np.ndarray) -> np.ndarray:
    """For each row of keys, an order of all tasks in which only the `free` ones change places."""
    order = np.tile(np.arange(keys.shape[1]), (len(keys), 1))
    order[:, free] = free[np.argsort(keys[:, free], axis=1)]
    return order
