"""The cross-products of a mixed model, and what its likelihood needs of them.

Written for V = I + sum_k r_k Z_k Z_k' in units of the residual variance. With T = diag(sqrt(r)):
V^-1 = I - Z T (I + T Z'Z T)^-1 T Z', so that A' V^-1 B is got from cross-products alone.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack


@dataclass(frozen=True, eq=False)
class At:
    """The model at given ratios; columns of the design made orthonormal, response scaled.

    information (p, p) = X' V^-1 X; random_fixed (q, p) = Z' V^-1 X; diagonal (q,) of Z' V^-1 Z;
    beta (p,); residual = y' P y; score (q,) = Z' P y; log_determinant of V.
    """

    ratios: np.ndarray
    information: np.ndarray
    random_fixed: np.ndarray
    diagonal: np.ndarray
    beta: np.ndarray
    residual: float
    score: np.ndarray
    log_determinant: float


@dataclass(frozen=True, eq=False)
class Moments:
    """Cross-products of [Z X y] with X = Q root made orthonormal and y its scaled residuals."""

    names: tuple[str, ...]
    blocks: tuple[slice, ...]
    levels: np.ndarray
    covariate_scales: np.ndarray
    n: int
    p: int
    gram: np.ndarray
    root: np.ndarray
    least_squares: np.ndarray
    response_scale: float

    @property
    def q(self) -> int:
        """The number of random effects."""
        return int(self.levels.sum())

    def _reduced(self, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The Cholesky factor C of I + T Z'Z T, and C^-1 T Z'[Z X y]."""
        q = self.q
        scale = np.repeat(np.sqrt(ratios), self.levels)
        inner = scale[:, None] * self.gram[:q, :q] * scale
        inner.flat[:: q + 1] += 1.0
        factor, _ = lapack.dpotrf(inner, lower=1, overwrite_a=1)
        reduced, _ = lapack.dtrtrs(factor, scale[:, None] * self.gram[:q], lower=1, overwrite_b=1)
        return factor, reduced

    def at(self, ratios: np.ndarray) -> At:
        """What the likelihood and its slopes need at the ratios (k,)."""
        q, p = self.q, self.p
        if q:
            factor, reduced = self._reduced(ratios)
            log_determinant = 2 * float(np.log(np.diagonal(factor)).sum())
            beside = self.gram[:, q:] - reduced.T @ reduced[:, q:]
            diagonal = np.diagonal(self.gram)[:q] - np.einsum(
                "ij,ij->j", reduced[:, :q], reduced[:, :q]
            )
        else:
            log_determinant, beside, diagonal = 0.0, self.gram, np.empty(0)
        information, cross = beside[q : q + p, :p], beside[q : q + p, p]
        beta = np.linalg.solve(information, cross) if p else np.empty(0)
        random_fixed = beside[:q, :p]
        return At(
            ratios=ratios,
            information=information,
            random_fixed=random_fixed,
            diagonal=diagonal,
            beta=beta,
            residual=float(beside[q + p, p] - cross @ beta),
            score=beside[:q, p] - random_fixed @ beta,
            log_determinant=log_determinant,
        )

    def inner(self, ratios: np.ndarray) -> np.ndarray:
        """Z' V^-1 Z, (q, q)."""
        q = self.q
        if not q:
            return np.empty((0, 0))
        reduced = self._reduced(ratios)[1][:, :q]
        return self.gram[:q, :q] - reduced.T @ reduced

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
        trace = at.diagonal
        if reml:
            solved = np.linalg.solve(at.information, at.random_fixed.T)
            trace = trace - np.einsum("ij,ji->i", at.random_fixed, solved)
        freedom = self.n - self.p * reml
        return self.sums(trace - freedom * at.score**2 / at.residual)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of (q,) values over each term's levels, (k,)."""
        return np.array([values[block].sum() for block in self.blocks])
