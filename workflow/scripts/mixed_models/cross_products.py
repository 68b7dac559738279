"""The cross-products of a mixed model, and their counterparts under its covariance.

With V = I + sum_k r_k Z_k Z_k', r_k the ratio of a variance to the residual's, products A' V^-1 B
follow from products A'B alone. The term with most levels, Z_0, whose own products are diagonal,
comes first: with V_0 = I + r_0 Z_0 Z_0' and a the diagonal of Z_0'Z_0,

    A' V_0^-1 B = A'B - A'Z_0 diag(r_0 / (1 + r_0 a)) Z_0'B.

The other terms, Z_r, follow by the same identity (Woodbury's), with T = diag(sqrt(r)):

    A' V^-1 B = A' V_0^-1 B - A' V_0^-1 Z_r T (I + T Z_r' V_0^-1 Z_r T)^-1 T Z_r' V_0^-1 B.

So the only matrix to be factored has a row for each level of the terms but the largest.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

Matrix = np.ndarray | sparse.csr_array


@dataclass(frozen=True, eq=False)
class Products:
    """Cross-products of m levels of the largest term, r of the others, and c further columns C.

    largest (m,) = a; cross (m, r) = Z_0'Z_r, sparse where that pays; beside (m, c) = Z_0'C;
    gram (r + c, r + c) of [Z_r C]; levels of the terms, the largest first.
    """

    largest: np.ndarray
    cross: Matrix
    beside: np.ndarray
    gram: np.ndarray
    levels: np.ndarray

    def weigh(self, ratios: np.ndarray) -> "Weighted":
        """The products under V at the ratios (k,)."""
        r = self.cross.shape[1]
        ratio = ratios[0] if len(ratios) else 0.0
        growth = 1 + ratio * self.largest
        weights = ratio / growth
        gram = self.gram.copy()
        gram[:r, :r] -= _between(self.cross, weights)
        beside = weights[:, None] * self.beside
        gram[:r, r:] -= self.cross.T @ beside
        gram[r:, :r] = gram[:r, r:].T
        gram[r:, r:] -= self.beside.T @ beside
        roots = np.repeat(np.sqrt(ratios[1:]), self.levels[1:])
        inside = roots[:, None] * gram[:r, :r] * roots
        inside.flat[:: r + 1] += 1.0
        factor = lapack.dpotrf(inside, lower=1)[0] if r else inside
        return Weighted(
            self, growth, roots, gram, factor, _solve(factor, roots[:, None] * gram[:r])
        )


@dataclass(frozen=True, eq=False)
class Weighted:
    """growth (m,) = 1 + r_0 a; roots (r,), the diagonal of T; gram = [Z_r C]' V_0^-1 [Z_r C].

    factor (r, r) is the lower factor L of I + T Z_r' V_0^-1 Z_r T; reduced = L^-1 T gram[:r].
    """

    products: Products
    growth: np.ndarray
    roots: np.ndarray
    gram: np.ndarray
    factor: np.ndarray
    reduced: np.ndarray

    @property
    def log_determinant(self) -> float:
        """Log |V|."""
        return float(np.log(self.growth).sum() + 2 * np.log(np.diagonal(self.factor)).sum())

    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Z' V^-1 C, (m + r, c), and C' V^-1 C, (c, c)."""
        r = len(self.roots)
        reduced = self.reduced[:, r:]
        rest = self.gram[:, r:] - self.reduced.T @ reduced
        solved = self.roots[:, None] * _solve(self.factor, reduced, transposed=True)
        first = (self.products.beside - self.products.cross @ solved) / self.growth[:, None]
        return np.vstack([first, rest[:r]]), rest[r:]

    def diagonal(self) -> tuple[float, np.ndarray]:
        """The trace of Z_0' V^-1 Z_0 and the diagonal (r,) of Z_r' V^-1 Z_r."""
        r = len(self.roots)
        trace = float((self.products.largest / self.growth).sum())
        if not r:
            return trace, np.empty(0)
        inverse = lapack.dpotri(self.factor, lower=1)[0]
        pairs = _between(self.products.cross, self.growth**-2.0)
        pairs *= np.outer(self.roots, self.roots)
        # LAPACK fills the lower triangle only.
        trace -= 2 * np.tril(inverse * pairs, -1).sum()
        trace -= np.diagonal(inverse) @ np.diagonal(pairs)
        return trace, np.diagonal(self.gram)[:r] - (self.reduced[:, :r] ** 2).sum(axis=0)

    def inner(self) -> np.ndarray:
        """Z' V^-1 Z, (m + r, m + r)."""
        r = len(self.roots)
        between = _dense(self.products.cross) / self.growth[:, None]
        first = np.diag(self.products.largest / self.growth)
        before = np.block([[first, between], [between.T, self.gram[:r, :r]]])
        solved = _solve(self.factor, self.roots[:, None] * between.T)
        taken = np.hstack([solved, self.reduced[:, :r]])
        return before - taken.T @ taken


def _solve(factor: np.ndarray, right: np.ndarray, *, transposed: bool = False) -> np.ndarray:
    if not len(factor):
        return right
    return lapack.dtrtrs(factor, right, lower=1, trans=int(transposed))[0]


def _between(cross: Matrix, weights: np.ndarray) -> np.ndarray:
    """Cross' diag(weights) cross."""
    if sparse.issparse(cross):
        return (cross.T @ (sparse.diags_array(weights) @ cross)).toarray()
    return (cross.T * weights) @ cross


def _dense(matrix: Matrix) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else matrix
