"""From rows of numbers to the cross-products of a mixed model: checks, scaling, indicators."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from ..study.errors import StudyError
from .moments import Moments


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
    and with any offset apart from rounding errors. Raises StudyError (see `profile.fit`).
    """
    response, design = np.asarray(response, dtype=float), np.asarray(design, dtype=float)
    n, p = design.shape
    if not (np.isfinite(response).all() and np.isfinite(design).all()):
        raise StudyError(
            "the response or a predictor holds values that are not finite: drop those rows"
        )
    if n <= p + 1:
        raise StudyError(f"{n} rows are too few for a model of {p} coefficients: give more rows")
    basis, root = np.linalg.qr(design)
    sizes = np.linalg.norm(design, axis=0)
    if p and (np.abs(np.diagonal(root)) <= 1e-10 * sizes).any():
        raise StudyError("columns of the design are collinear: leave one of them out")
    least_squares = basis.T @ response
    residuals = response - basis @ least_squares
    residuals -= basis @ (basis.T @ residuals)
    scale = float(np.sqrt(residuals @ residuals / n))
    if scale <= 1e-12 * max(1e-300, float(np.abs(response).max())):
        raise StudyError(
            "the fixed effects explain the response without residual: nothing is left to estimate"
        )
    scaled = [_indicator(term, n) for term in random]
    columns = sparse.hstack([one for one, _ in scaled], format="csr") if scaled else None
    beside = np.column_stack([basis, residuals / scale])
    levels = np.array([one.shape[1] for one, _ in scaled], dtype=int)
    ends = np.concatenate([[0], np.cumsum(levels)]).astype(int)
    return Moments(
        names=tuple(term.name for term in random),
        blocks=tuple(slice(a, b) for a, b in pairwise(ends)),
        levels=levels,
        covariate_scales=np.array([size for _, size in scaled]),
        n=n,
        p=p,
        gram=_gram(columns, beside),
        root=root,
        least_squares=least_squares,
        response_scale=scale,
    )


def _gram(columns: sparse.csr_array | None, beside: np.ndarray) -> np.ndarray:
    right = beside.T @ beside
    if columns is None:
        return right
    cross = columns.T @ beside
    return np.block([[(columns.T @ columns).toarray(), cross], [cross.T, right]])


def _indicator(term: RandomTerm, n: int) -> tuple[sparse.csr_array, float]:
    """The columns of a term, (n, levels), and the size by which its covariate was divided."""
    codes = np.asarray(term.codes)
    levels = int(codes.max()) + 1
    if term.covariate is None:
        if len(np.unique(codes)) == n:
            raise StudyError(
                f"every row has a level of '{term.name}' of its own, so that it cannot be told "
                "from the residual: leave this random term out"
            )
        values, size = np.ones(n), 1.0
    else:
        covariate = np.asarray(term.covariate, dtype=float)
        size = float(np.sqrt(np.mean(covariate**2)))
        if not np.isfinite(size) or size == 0:
            raise StudyError(
                f"the covariate of the random slope '{term.name}' is zero everywhere or not "
                "finite: leave this slope out or mend the column"
            )
        values = covariate / size
    return sparse.csr_array((values, (np.arange(n), codes)), shape=(n, levels)), size
