"""From rows of numbers to the cross-products of a mixed model: checks, scaling, indicators."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from .cross_products import Products
from .errors import ModelError
from .likelihood import Component, Moments

# Below this share of entries that are not zero, sparse products are quicker than dense ones.
SPARSE = 0.03


@dataclass(frozen=True)
class RandomTerm:
    """A random intercept (1 | g), or with a covariate x the random slope (0 + x | g).

    `codes` are (n,) integers from 0 on, one a level; `covariate` is (n,) numbers or None. Terms of
    the same grouping with the same `block` have correlated effects, as in (1 + x | g); those
    without one are independent of all others.
    """

    name: str
    codes: np.ndarray
    covariate: np.ndarray | None = None
    block: str | None = None


def cross_products(
    response: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    weights: np.ndarray | None = None,
) -> Moments:
    """Checks the numbers, scales them and multiplies them out.

    Orthonormal columns and residuals of the response keep predictors and responses on any scale
    and with any offset apart from rounding errors. A row of weight w has the residual variance
    s / w: all its entries are multiplied by sqrt(w). Raises ModelError (see `fit.fit`).
    """
    response, design = np.asarray(response, dtype=float), np.asarray(design, dtype=float)
    n, p = design.shape
    if not (np.isfinite(response).all() and np.isfinite(design).all()):
        raise ModelError(
            "the response or a predictor holds values that are not finite: drop those rows"
        )
    if n <= p + 1:
        raise ModelError(f"{n} rows are too few for a model of {p} coefficients: give more rows")
    roots = weight_roots(weights, n)
    response, design = roots * response, roots[:, None] * design
    basis, root, least_squares, residuals = _orthonormal(response, design)
    scale = float(np.sqrt(residuals @ residuals / n))
    if scale <= 1e-12 * max(1e-300, float(np.abs(response).max())):
        raise ModelError(
            "the fixed effects explain the response without residual: nothing is left to estimate"
        )
    factors = _factors(random)
    terms = [term for factor in factors for term in factor]
    scaled = [indicator(term, roots) for term in terms]
    for term, (columns, _) in zip(terms, scaled, strict=True):
        _check_free(term, columns, basis)
    ends = np.cumsum([0, *(columns.shape[1] for columns, _ in scaled)]).astype(int)
    sizes = tuple(len(factor) for factor in factors)
    return Moments(
        names=tuple(term.name for term in terms),
        blocks=tuple(slice(a, b) for a, b in pairwise(ends)),
        columns=sizes,
        components=_components(factors),
        covariate_scales=np.array([size for _, size in scaled]),
        n=n,
        p=p,
        products=_products(
            [columns for columns, _ in scaled], np.column_stack([basis, residuals / scale]), sizes
        ),
        root=root,
        least_squares=least_squares,
        response_scale=scale,
        log_weights=None if weights is None else float(2 * np.log(roots).sum()),
    )


def weight_roots(weights: np.ndarray | None, n: int) -> np.ndarray:
    """What the n rows are multiplied by; raises ModelError for weights that are not positive."""
    if weights is None:
        return np.ones(n)
    weights = np.asarray(weights, dtype=float)
    wrong = int((~(np.isfinite(weights) & (weights > 0))).sum())
    if wrong:
        raise ModelError(f"{wrong} weights are not positive numbers: drop those rows or mend them")
    return np.sqrt(weights)


def _orthonormal(
    response: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Q and R of the design, Q'y, and what is left of the response."""
    basis, root = np.linalg.qr(design)
    sizes = np.linalg.norm(design, axis=0)
    if design.shape[1] and (np.abs(np.diagonal(root)) <= 1e-10 * sizes).any():
        raise ModelError("columns of the design are collinear: leave one of them out")
    least_squares = basis.T @ response
    residuals = response - basis @ least_squares
    residuals -= basis @ (basis.T @ residuals)
    return basis, root, least_squares, residuals


def _factors(random: Sequence[RandomTerm]) -> list[list[RandomTerm]]:
    """Terms that group the rows by the same codes together, the factor with most columns first."""
    together: dict[bytes, list[RandomTerm]] = {}
    for term in random:
        codes = np.ascontiguousarray(term.codes, dtype=np.int64)
        together.setdefault(codes.tobytes(), []).append(term)
    return sorted(
        together.values(), key=lambda factor: -len(factor) * (int(np.max(factor[0].codes)) + 1)
    )


def _components(factors: Sequence[Sequence[RandomTerm]]) -> tuple[Component, ...]:
    """All variances in the order of the terms, then the covariances."""
    components, start = [], 0
    for number, factor in enumerate(factors):
        for a, term in enumerate(factor):
            for b, other in enumerate(factor[a:], start=a):
                if a == b or (term.block is not None and term.block == other.block):
                    components.append(Component(number, a, b, start + a, start + b))
        start += len(factor)
    return tuple(
        sorted(components, key=lambda part: (not part.is_variance, part.first, part.second))
    )


def _products(columns: list[sparse.csr_array], right: np.ndarray, sizes: Sequence[int]) -> Products:
    if not columns:
        empty = np.empty((0, right.shape[1]))
        return Products(np.empty((0, 1, 1)), np.empty((0, 0)), empty, right.T @ right, ())
    own = columns[: sizes[0]]
    first = sparse.hstack(own, format="csr")
    rest = sparse.hstack([sparse.csr_array((len(right), 0)), *columns[sizes[0] :]], format="csr")
    cross = (first.T @ rest).tocsr()
    if cross.nnz > SPARSE * cross.shape[0] * cross.shape[1]:
        cross = cross.toarray()
    beside = rest.T @ right
    blocks = [[np.asarray(a.multiply(b).sum(axis=0)).ravel() for b in own] for a in own]
    starts = np.cumsum([0, *sizes[:-1]])
    return Products(
        largest=np.moveaxis(np.array(blocks), 2, 0),
        cross=cross,
        beside=first.T @ right,
        gram=np.block([[(rest.T @ rest).toarray(), beside], [beside.T, right.T @ right]]),
        levels=tuple(columns[start].shape[1] for start in starts),
    )


def _check_free(term: RandomTerm, columns: sparse.csr_array, basis: np.ndarray) -> None:
    """A term within the span of the fixed effects leaves no trace of its own in the data."""
    total = columns.multiply(columns).sum()
    if total - ((columns.T @ basis) ** 2).sum() < 1e-9 * total:
        raise ModelError(
            f"the random term '{term.name}' is a combination of the fixed effects, so that its "
            "variance cannot be estimated: leave out one or the other"
        )


def indicator(term: RandomTerm, roots: np.ndarray) -> tuple[sparse.csr_array, float]:
    """The weighted columns of a term, (n, levels), and what its covariate was divided by."""
    codes, n = np.asarray(term.codes), len(roots)
    levels = int(codes.max()) + 1
    if term.covariate is None:
        if len(np.unique(codes)) == n:
            raise ModelError(
                f"every row has a level of '{term.name}' of its own, so that it cannot be told "
                "from the residual: leave this random term out"
            )
        values, size = roots, 1.0
    else:
        covariate = np.asarray(term.covariate, dtype=float)
        size = float(np.sqrt(np.mean(covariate**2)))
        if not np.isfinite(size) or size == 0:
            raise ModelError(
                f"the covariate of the random slope '{term.name}' is zero everywhere or not "
                "finite: leave this slope out or mend the column"
            )
        values = roots * covariate / size
    return sparse.csr_array((values, (np.arange(n), codes)), shape=(n, levels)), size
