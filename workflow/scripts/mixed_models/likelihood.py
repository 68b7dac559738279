"""What the likelihood of a mixed model needs of its numbers, at given covariances.

The variances and covariances are given as ratios to the residual variance, one a `Component`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .cross_products import Products, Weighted
from .kernel import Kernel


@dataclass(frozen=True)
class Component:
    """A variance (a = b) or covariance (a < b) of the effects of two columns of one factor.

    `factor` counts the grouping factors, `a` and `b` their columns; `first` and `second` are the
    places of these columns among all terms.
    """

    factor: int
    a: int
    b: int
    first: int
    second: int

    @property
    def is_variance(self) -> bool:
        """Whether it is that of one column."""
        return self.a == self.b


@dataclass(frozen=True, eq=False)
class At:
    """The model at given ratios; columns of the design made orthonormal, response scaled.

    information (p, p) = X' V^-1 X; random_fixed (q, p) = Z' V^-1 X; beta (p,); residual = y' P y;
    score (q,) = Z' P y; log_determinant of V; weighted, the products that it all comes from.
    """

    information: np.ndarray
    random_fixed: np.ndarray
    beta: np.ndarray
    residual: float
    score: np.ndarray
    log_determinant: float
    weighted: Weighted


@dataclass(frozen=True, eq=False)
class Moments:
    """Cross-products with X = Q root made orthonormal and y its scaled residuals.

    Terms (columns of the factors) are in descending order of their factors' size; `blocks` are
    their places among all q effects, `columns` the number of terms of each factor.
    """

    names: tuple[str, ...]
    blocks: tuple[slice, ...]
    columns: tuple[int, ...]
    components: tuple[Component, ...]
    covariate_scales: np.ndarray
    n: int
    p: int
    products: Products
    root: np.ndarray
    least_squares: np.ndarray
    response_scale: float
    log_weights: float | None = None

    def covariances(self, ratios: np.ndarray) -> list[np.ndarray]:
        """Each factor's covariance, (s, s), in units of the residual variance."""
        matrices = [np.zeros((size, size)) for size in self.columns]
        for part, ratio in zip(self.components, ratios, strict=True):
            matrices[part.factor][part.a, part.b] = ratio
            matrices[part.factor][part.b, part.a] = ratio
        return matrices

    def ratios(self, covariances: Sequence[np.ndarray]) -> np.ndarray:
        """The components' values, (k,); the inverse of `covariances`."""
        return np.array([covariances[part.factor][part.a, part.b] for part in self.components])

    def at(self, ratios: np.ndarray) -> At:
        """What the likelihood and its slopes need at the ratios (k,)."""
        weighted = self.products.weigh(self.covariances(ratios))
        columns, between = weighted.columns()
        p = self.p
        information, mixed = between[:p, :p], between[:p, p]
        beta = np.linalg.solve(information, mixed) if p else np.empty(0)
        return At(
            information=information,
            random_fixed=columns[:, :p],
            beta=beta,
            residual=float(between[p, p] - mixed @ beta),
            score=columns[:, p] - columns[:, :p] @ beta,
            log_determinant=weighted.log_determinant,
            weighted=weighted,
        )

    def _trace(self, weighted: Weighted, part: Component) -> float:
        """The trace of the component's Z_a' V^-1 Z_b."""
        if part.factor == 0:
            return weighted.trace_of_largest(part.a, part.b)
        start = self.blocks[self.columns[0]].start
        first, second = (
            slice(block.start - start, block.stop - start)
            for block in (self.blocks[part.first], self.blocks[part.second])
        )
        return weighted.trace_of_other(first, second)

    def kernel(self, ratios: np.ndarray) -> Kernel:
        """Z' V^-1 Z, (q, q)."""
        return self.products.weigh(self.covariances(ratios)).kernel()

    def deviance(self, at: At, reml: bool) -> float:
        """Minus twice the profiled log-likelihood of the scaled problem."""
        freedom = self.n - self.p * reml
        total = at.log_determinant + freedom * (1 + np.log(2 * np.pi * at.residual / freedom))
        if reml:
            total += np.linalg.slogdet(at.information)[1]
        return float(total)

    def deviance_shift(self, reml: bool) -> float:
        """What the deviance of the unscaled problem has more."""
        shift = 2 * (self.n - self.p * reml) * np.log(self.response_scale) - (
            self.log_weights or 0.0
        )
        if reml:
            shift += 2 * np.linalg.slogdet(self.root)[1]
        return float(shift)

    def slopes(self, at: At, reml: bool) -> np.ndarray:
        """The derivative of the deviance in each ratio, (k,); half of it for a covariance."""
        freedom = self.n - self.p * reml
        traces = np.array([self._trace(at.weighted, part) for part in self.components])
        slopes = traces - self.sums(at.score, at.score) * freedom / at.residual
        if reml:
            solved = np.linalg.solve(at.information, at.random_fixed.T).T
            slopes -= self.sums(at.random_fixed, solved)
        return slopes

    def sums(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Per component the sum over levels of left at its first column times right at its second.

        Both are (q,) or (q, p), then also summed over p.
        """
        return np.array(
            [
                np.vdot(left[self.blocks[part.first]], right[self.blocks[part.second]])
                for part in self.components
            ]
        )
