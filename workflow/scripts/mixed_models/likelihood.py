"""What the likelihood of a mixed model needs of its numbers, at given ratios of variances."""

from dataclasses import dataclass

import numpy as np

from .cross_products import Products


@dataclass(frozen=True, eq=False)
class At:
    """The model at given ratios; columns of the design made orthonormal, response scaled.

    information (p, p) = X' V^-1 X; random_fixed (q, p) = Z' V^-1 X; traces (k,) of each term's
    Z' V^-1 Z; beta (p,); residual = y' P y; score (q,) = Z' P y; log_determinant of V.
    """

    information: np.ndarray
    random_fixed: np.ndarray
    traces: np.ndarray
    beta: np.ndarray
    residual: float
    score: np.ndarray
    log_determinant: float


@dataclass(frozen=True, eq=False)
class Moments:
    """Cross-products with X = Q root made orthonormal and y its scaled residuals.

    Terms are in descending order of their levels; blocks are their places among the q levels.
    """

    names: tuple[str, ...]
    blocks: tuple[slice, ...]
    covariate_scales: np.ndarray
    n: int
    p: int
    products: Products
    root: np.ndarray
    least_squares: np.ndarray
    response_scale: float

    def at(self, ratios: np.ndarray) -> At:
        """What the likelihood and its slopes need at the ratios (k,)."""
        weighted = self.products.weigh(ratios)
        columns, between = weighted.columns()
        p = self.p
        information, mixed = between[:p, :p], between[:p, p]
        beta = np.linalg.solve(information, mixed) if p else np.empty(0)
        trace, diagonal = weighted.diagonal()
        ends = len(self.products.largest)
        rest = [diagonal[block.start - ends : block.stop - ends].sum() for block in self.blocks[1:]]
        return At(
            information=information,
            random_fixed=columns[:, :p],
            traces=np.array([trace, *rest][: len(self.names)]),
            beta=beta,
            residual=float(between[p, p] - mixed @ beta),
            score=columns[:, p] - columns[:, :p] @ beta,
            log_determinant=weighted.log_determinant,
        )

    def inner(self, ratios: np.ndarray) -> np.ndarray:
        """Z' V^-1 Z, (q, q)."""
        return self.products.weigh(ratios).inner()

    def deviance(self, at: At, reml: bool) -> float:
        """Minus twice the profiled log-likelihood of the scaled problem."""
        freedom = self.n - self.p * reml
        found = at.log_determinant + freedom * (1 + np.log(2 * np.pi * at.residual / freedom))
        if reml:
            found += np.linalg.slogdet(at.information)[1]
        return float(found)

    def deviance_shift(self, reml: bool) -> float:
        """What the deviance of the unscaled problem has more."""
        shift = 2 * (self.n - self.p * reml) * np.log(self.response_scale)
        if reml:
            shift += 2 * np.linalg.slogdet(self.root)[1]
        return float(shift)

    def slopes(self, at: At, reml: bool) -> np.ndarray:
        """The derivative of the deviance in each ratio, (k,)."""
        freedom = self.n - self.p * reml
        found = at.traces - self.sums(at.score**2) * freedom / at.residual
        if reml:
            solved = np.linalg.solve(at.information, at.random_fixed.T)
            found -= self.sums(np.einsum("ij,ji->i", at.random_fixed, solved))
        return found

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of (q,) values over each term's levels, (k,)."""
        return np.array([values[block].sum() for block in self.blocks])
