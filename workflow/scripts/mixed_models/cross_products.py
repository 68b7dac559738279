"""The cross-products of a mixed model, and their counterparts under its covariance.

A grouping factor g has s columns for each of its levels (intercept, slopes), whose effects have the
covariance G_g, (s, s), in units of the residual variance. With V = I + sum_g Z_g (G_g x I) Z_g',
products A' V^-1 B follow from products A'B alone. The factor with most columns, Z_0, whose own
products are one block a_l, (s, s), a level, comes first: with K_l = (I + a_l G_0)^-1,

    A' V_0^-1 B = A'B - sum_l (Z_0l'A)' G_0 K_l (Z_0l'B).

The other factors, Z_r, follow by the same identity (Woodbury's), with T T' = their G x I:

    A' V^-1 B = A' V_0^-1 B - A' V_0^-1 Z_r T (I + T' Z_r' V_0^-1 Z_r T)^-1 T' Z_r' V_0^-1 B.

So the only matrix to be factored has a row for each column of the factors but the largest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from .kernel import Kernel

Matrix: TypeAlias = np.ndarray | sparse.csr_array


@dataclass(frozen=True, eq=False)
class Products:
    """Cross-products of the columns of the largest factor, r of the others, and c further, C.

    The columns of a factor stand one after the other, each with all its levels. largest (m, s, s),
    the blocks a_l of the largest factor's m levels; cross (s m, r) = Z_0'Z_r, sparse where that
    pays; beside (s m, c) = Z_0'C; gram (r + c, r + c) of [Z_r C]; levels of the factors, the
    largest first.
    """

    largest: np.ndarray
    cross: Matrix
    beside: np.ndarray
    gram: np.ndarray
    levels: tuple[int, ...]

    def weigh(self, covariances: Sequence[np.ndarray]) -> "Weighted":
        """The products under V, with each factor's G, (s, s), positive semidefinite."""
        r = self.cross.shape[1]
        first = covariances[0] if covariances else np.zeros(self.largest.shape[1:])
        growth = np.eye(self.largest.shape[1]) + self.largest @ first
        shrink = np.linalg.inv(growth)
        weights = first @ shrink
        gram = self.gram.copy()
        gram[:r, :r] -= _dense(self.cross.T @ _each(weights, self.cross))
        beside = _each(weights, self.beside)
        gram[:r, r:] -= self.cross.T @ beside
        gram[r:, :r] = gram[:r, r:].T
        gram[r:, r:] -= self.beside.T @ beside
        root = _root(covariances[1:], self.levels[1:])
        reduced = _times(root.T, gram[:r])
        inside = _times(root.T, reduced[:, :r].T)
        inside.flat[:: r + 1] += 1.0
        factor = lapack.dpotrf(inside, lower=1)[0] if r else inside
        return Weighted(
            self, np.linalg.slogdet(growth)[1].sum(), shrink, root, gram, factor,
            _solve(factor, reduced),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Weighted:
    """shrink (m, s, s) = K; root = T; gram = [Z_r C]' V_0^-1 [Z_r C]; growth = log |V_0|.

    factor (r, r) is the lower factor L of I + T' Z_r' V_0^-1 Z_r T; reduced = L^-1 T' gram[:r].
    """

    products: Products
    growth: float
    shrink: np.ndarray
    root: Matrix
    gram: np.ndarray
    factor: np.ndarray
    reduced: np.ndarray

    @property
    def log_determinant(self) -> float:
        """Log |V|."""
        return float(self.growth + 2 * np.log(np.diagonal(self.factor)).sum())

    @cached_property
    def shrunken(self) -> Matrix:
        """Z_0' V_0^-1 Z_r, (s m, r)."""
        return _each(self.shrink, self.products.cross)

    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Z' V^-1 C, (s m + r, c), and C' V^-1 C, (c, c)."""
        r = self.factor.shape[0]
        reduced = self.reduced[:, r:]
        rest = self.gram[:, r:] - self.reduced.T @ reduced
        solved = _times(self.root, _solve(self.factor, reduced, transposed=True))
        first = _each(self.shrink, self.products.beside - self.products.cross @ solved)
        return np.vstack([first, rest[:r]]), rest[r:]

    def trace_of_largest(self, a: int, b: int) -> float:
        """The sum over the largest factor's levels of the element (a, b) of Z_0' V^-1 Z_0."""
        m = len(self.products.largest)
        trace = float((self.shrink @ self.products.largest)[:, a, b].sum())
        if not len(self.factor):
            return trace
        rows = [self.shrunken[k * m : (k + 1) * m] for k in (a, b)]
        pairs = _dense(rows[0].T @ rows[1])
        if a != b:
            pairs = (pairs + pairs.T) / 2
        pairs = _times(self.root.T, _times(self.root.T, pairs).T)
        # LAPACK fills the lower triangle only.
        trace -= 2 * np.vdot(self._below, pairs)
        return trace - float(np.diagonal(self._inverse) @ np.diagonal(pairs))

    @cached_property
    def _inverse(self) -> np.ndarray:
        return lapack.dpotri(self.factor, lower=1)[0]

    @cached_property
    def _below(self) -> np.ndarray:
        return np.tril(self._inverse, -1)

    def trace_of_other(self, first: slice, second: slice) -> float:
        """The sum over a further factor's levels of Z' V^-1 Z, between two of its columns."""
        trace = np.trace(self.gram[first, second])
        return float(trace - np.vdot(self.reduced[:, first], self.reduced[:, second]))

    def kernel(self) -> Kernel:
        """Z' V^-1 Z, (s m + r, s m + r)."""
        r = self.factor.shape[0]
        between = _dense(self.shrunken)
        solved = _solve(self.factor, _times(self.root.T, between.T))
        reduced = self.reduced[:, :r]
        return Kernel(
            np.moveaxis(self.shrink @ self.products.largest, 0, 2),
            solved,
            between - solved.T @ reduced,
            self.gram[:r, :r] - reduced.T @ reduced,
        )


def square_root(covariance: np.ndarray) -> np.ndarray:
    """A matrix L, (s, s), with L L' = covariance, which may be singular."""
    if np.count_nonzero(covariance - np.diag(np.diagonal(covariance))) == 0:
        return np.sqrt(covariance)
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _root(covariances: Sequence[np.ndarray], levels: Sequence[int]) -> Matrix:
    """T, (r, r); only its diagonal, (r,), where all effects are independent."""
    roots = [square_root(covariance) for covariance in covariances]
    if all(np.count_nonzero(root - np.diag(np.diagonal(root))) == 0 for root in roots):
        diagonals = [np.diagonal(root) for root in roots]
        repeated = [np.repeat(root, m) for root, m in zip(diagonals, levels, strict=True)]
        return np.concatenate([np.empty(0), *repeated])
    blocks = [sparse.kron(root, sparse.eye_array(m)) for root, m in zip(roots, levels, strict=True)]
    return sparse.csr_array(sparse.block_diag(blocks))


def _times(root: Matrix, matrix: np.ndarray) -> np.ndarray:
    return root @ matrix if sparse.issparse(root) else root[:, None] * matrix


def _each(blocks: np.ndarray, matrix: Matrix) -> Matrix:
    """Each level's block, (m, s, s), times that level's s rows of the matrix, (s m, c)."""
    m, s, _ = blocks.shape
    if sparse.issparse(matrix):
        parts = [[sparse.diags_array(blocks[:, a, b]) for b in range(s)] for a in range(s)]
        return sparse.csr_array(sparse.block_array(parts) @ matrix)
    if s == 1:
        return blocks[:, 0] * matrix
    rows = [matrix[b * m : (b + 1) * m] for b in range(s)]
    return np.concatenate(
        [sum(blocks[:, a, b, None] * rows[b] for b in range(s)) for a in range(s)]
    )


def _solve(factor: np.ndarray, right: np.ndarray, *, transposed: bool = False) -> np.ndarray:
    if not len(factor):
        return right
    return lapack.dtrtrs(factor, right, lower=1, trans=int(transposed))[0]


def _dense(matrix: Matrix) -> np.ndarray:
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
