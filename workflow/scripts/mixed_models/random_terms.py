"""From rows of numbers to the cross-products of a mixed model: checks, scaling, indicators."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from .cross_products import Products
from .errors import ModelError
from .likelihood import Moments

# Below this share of entries that are not zero, sparse products are quicker than dense ones.
SPARSE = 0.03


@dataclass(frozen=True)
class RandomTerm:
    """A random intercept (1 | g), or with a covariate x the uncorrelated slope (0 + x | g).

    `codes` are (n,) integers from 0 on, one a level; `covariate` is (n,) numbers or None.
    """

    name: str
    codes: np.ndarray
    covariate: np.ndarray | None = None


def cross_products(
    response: np.ndarray, design: np.ndarray, random: Sequence[RandomTerm]
) -> Moments:
    """Checks the numbers, scales them and multiplies them out.

    Orthonormal columns and residuals of the response keep predictors and responses on any scale
    and with any offset apart from rounding errors. Raises ModelError (see `fit.fit`).
    """
    response, design = np.asarray(response, dtype=float), np.asarray(design, dtype=float)
    n, p = design.shape
    if not (np.isfinite(response).all() and np.isfinite(design).all()):
        raise ModelError(
            "the response or a predictor holds values that are not finite: drop those rows"
        )
    if n <= p + 1:
        raise ModelError(f"{n} rows are too few for a model of {p} coefficients: give more rows")
    basis, root = np.linalg.qr(design)
    sizes = np.linalg.norm(design, axis=0)
    if p and (np.abs(np.diagonal(root)) <= 1e-10 * sizes).any():
        raise ModelError("columns of the design are collinear: leave one of them out")
    least_squares = basis.T @ response
    residuals = response - basis @ least_squares
    residuals -= basis @ (basis.T @ residuals)
    scale = float(np.sqrt(residuals @ residuals / n))
    if scale <= 1e-12 * max(1e-300, float(np.abs(response).max())):
        raise ModelError(
            "the fixed effects explain the response without residual: nothing is left to estimate"
        )
    random = sorted(random, key=lambda term: -int(np.max(term.codes)))
    scaled = [_indicator(term, n) for term in random]
    for term, (columns, _) in zip(random, scaled, strict=True):
        _check_free(term, columns, basis)
    right = np.column_stack([basis, residuals / scale])
    levels = np.array([columns.shape[1] for columns, _ in scaled], dtype=int)
    ends = np.concatenate([[0], np.cumsum(levels)]).astype(int)
    return Moments(
        names=tuple(term.name for term in random),
        blocks=tuple(slice(a, b) for a, b in pairwise(ends)),
        covariate_scales=np.array([size for _, size in scaled]),
        n=n,
        p=p,
        products=_products([columns for columns, _ in scaled], right, levels),
        root=root,
        least_squares=least_squares,
        response_scale=scale,
    )


def _products(columns: list[sparse.csr_array], right: np.ndarray, levels: np.ndarray) -> Products:
    if not columns:
        empty = np.empty((0, right.shape[1]))
        return Products(np.empty(0), np.empty((0, 0)), empty, right.T @ right, levels)
    first = columns[0]
    rest = sparse.hstack([sparse.csr_array((len(right), 0)), *columns[1:]], format="csr")
    cross = (first.T @ rest).tocsr()
    if cross.nnz > SPARSE * cross.shape[0] * cross.shape[1]:
        cross = cross.toarray()
    beside = rest.T @ right
    return Products(
        largest=np.asarray(first.multiply(first).sum(axis=0)).ravel(),
        cross=cross,
        beside=first.T @ right,
        gram=np.block([[(rest.T @ rest).toarray(), beside], [beside.T, right.T @ right]]),
        levels=levels,
    )


def _check_free(term: RandomTerm, columns: sparse.csr_array, basis: np.ndarray) -> None:
    """A term within the span of the fixed effects leaves no trace of its own in the data."""
    total = columns.multiply(columns).sum()
    if total - ((columns.T @ basis) ** 2).sum() < 1e-9 * total:
        raise ModelError(
            f"the random term '{term.name}' is a combination of the fixed effects, so that its "
            "variance cannot be estimated: leave out one or the other"
        )


def _indicator(term: RandomTerm, n: int) -> tuple[sparse.csr_array, float]:
    """The columns of a term, (n, levels), and the size by which its covariate was divided."""
    codes = np.asarray(term.codes)
    levels = int(codes.max()) + 1
    if term.covariate is None:
        if len(np.unique(codes)) == n:
            raise ModelError(
                f"every row has a level of '{term.name}' of its own, so that it cannot be told "
                "from the residual: leave this random term out"
            )
        values, size = np.ones(n), 1.0
    else:
        covariate = np.asarray(term.covariate, dtype=float)
        size = float(np.sqrt(np.mean(covariate**2)))
        if not np.isfinite(size) or size == 0:
            raise ModelError(
                f"the covariate of the random slope '{term.name}' is zero everywhere or not "
                "finite: leave this slope out or mend the column"
            )
        values = covariate / size
    return sparse.csr_array((values, (np.arange(n), codes)), shape=(n, levels)), size
