"""Tests of fixed effects that count what estimating the variances costs.

Kenward & Roger (1997), Small sample inference for fixed effects from restricted maximum
likelihood, Biometrics 53, as in pbkrtest (Halekoh & Hojsgaard 2014, Journal of Statistical
Software 59(9)); and Satterthwaite's degrees of freedom from the observed information, as in
lmerTest (Kuznetsova, Brockhoff & Christensen 2017, Journal of Statistical Software 82(13)).

In the units of the residual variance, with P = V^-1 - V^-1 X (X' V^-1 X)^-1 X' V^-1, every
product with the residual's own component follows from V^-1 V V^-1 = V^-1 and P V P = P.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from .errors import ModelError
from .fit import ProfileFit
from .likelihood import Component
from .threads import one_thread

LEVEL = 0.95


@dataclass(frozen=True)
class Test:
    """A two-sided t-test of one contrast of the fixed effects, with its 95 % interval."""

    __test__ = False

    estimate: float
    standard_error: float
    df: float
    t: float
    p: float
    low: float
    high: float


def kenward_roger(fit: ProfileFit, contrast: np.ndarray) -> Test:
    """Tests contrast' beta = 0, contrast (p,), with the adjusted standard error.

    Components estimated zero still count, as in pbkrtest: that they are zero is not known.
    Raises ModelError for a fit by maximum likelihood, for which the method is not made.
    """
    if not fit.reml:
        raise ModelError("Kenward-Roger tests need a REML fit: fit with REML or use Satterthwaite")
    return _test(fit, _kenward_roger_parts(fit), contrast)


def satterthwaite(fit: ProfileFit, contrast: np.ndarray) -> Test:
    """Tests contrast' beta = 0, contrast (p,), with the unadjusted standard error."""
    return _test(fit, _satterthwaite_parts(fit), contrast)


@dataclass(frozen=True)
class JointTest:
    """An F-test that several contrasts of the fixed effects are all zero."""

    numerator_df: int
    denominator_df: float
    f: float
    p: float


def kenward_roger_joint(fit: ProfileFit, contrasts: np.ndarray) -> JointTest:
    """Tests contrasts @ beta = 0, contrasts (q, p) of rank q, by Kenward and Roger's scaled F.

    Their equations and remedies for ratios of 0 / 0 are pbkrtest's. Raises ModelError for a fit by
    maximum likelihood.
    """
    if not fit.reml:
        raise ModelError("Kenward-Roger tests need a REML fit: fit with REML")
    parts = _kenward_roger_parts(fit)
    contrasts = np.atleast_2d(np.asarray(contrasts, dtype=float))
    q = len(contrasts)
    inside = np.linalg.solve(fit.moments.root.T, contrasts.T).T
    theta = inside.T @ np.linalg.solve(inside @ parts.covariance @ inside.T, inside)
    df, scaling = _scaled_f(q, *_kenward_roger_sums(parts, theta))
    spread = parts.variance * (inside @ parts.adjusted @ inside.T)
    estimate = contrasts @ fit.beta / fit.moments.response_scale
    f = float(scaling * (estimate @ np.linalg.solve(spread, estimate)) / q)
    return JointTest(q, df, f, float(fdtrc(q, df, f)))


def _kenward_roger_sums(parts: "_Parts", theta: np.ndarray) -> tuple[float, float]:
    """A1 and A2 of Kenward and Roger (1997)."""
    products = np.einsum("ij,rjk->rik", theta, parts.slopes)
    traces = np.einsum("rii->r", products)
    first = traces @ parts.weights @ traces
    second = np.einsum("rs,rij,sji->", parts.weights, products, products)
    return float(first), float(second)


def _scaled_f(q: int, first: float, second: float) -> tuple[float, float]:
    """Denominator degrees of freedom, and the factor of F."""
    b = (first + 6 * second) / (2 * q)
    g = ((q + 1) * first - (q + 4) * second) / ((q + 2) * second)
    divisor = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / divisor, (q - g) / divisor, (q + 2 - g) / divisor
    v0, v1, v2 = (
        0.0 if abs(value) < 1e-10 else value for value in (1 + c1 * b, 1 - c2 * b, 1 - c3 * b)
    )
    shrink = 1 - second / q
    ratio = 1.0 if abs(shrink) < 1e-10 and v1 == 0 else shrink / v1
    rho = ratio**2 * v0 / v2 / q
    df = 4 + (q + 2) / (q * rho - 1)
    return df, 1.0 if abs(df - 2) < 1e-2 else df * shrink / (df - 2)


@dataclass(frozen=True)
class _Parts:
    """In units of the residual variance and of the orthonormal columns of the design.

    covariance (p, p); the adjusted one for standard errors; the covariance's slope in each
    variance (m, p, p); the covariance of the variances (m, m); variance = the scaled residual's.
    """

    covariance: np.ndarray
    adjusted: np.ndarray
    slopes: np.ndarray
    weights: np.ndarray
    variance: float


def _test(fit: ProfileFit, parts: _Parts, contrast: np.ndarray) -> Test:
    """The degrees of freedom are 2 v^2 / var(v), v the variance of the contrast.

    For a single contrast, Kenward and Roger's come down to this as well, and their factor to 1.
    """
    contrast = np.asarray(contrast, dtype=float)
    estimate = float(contrast @ fit.beta)
    weights = np.linalg.solve(fit.moments.root.T, contrast)
    variance = weights @ parts.covariance @ weights
    gradient = parts.slopes @ weights @ weights
    df = float(2 * variance**2 / (gradient @ parts.weights @ gradient))
    spread = parts.variance * (weights @ parts.adjusted @ weights)
    error = float(fit.moments.response_scale * np.sqrt(spread))
    t = estimate / error
    reach = float(stdtrit(df, 0.5 + LEVEL / 2)) * error
    p = float(2 * stdtr(df, -abs(t)))
    return Test(estimate, error, df, t, p, estimate - reach, estimate + reach)


@dataclass(frozen=True)
class _Products:
    """Products at the fit, residual variance 1; index 0 is the residual's component.

    information (p, p); single (1+k, p, p) = X'V^-1 G_r V^-1 X; double (1+k, 1+k, p, p) = X'V^-1
    G_r V^-1 G_s V^-1 X; expected (1+k, 1+k) = tr(P G_r P G_s), or with V^-1 for P under maximum
    likelihood; observed (1+k, 1+k) = y'P G_r P G_s P y; variance = the scaled residual variance.
    """

    information: np.ndarray
    single: np.ndarray
    double: np.ndarray
    expected: np.ndarray
    observed: np.ndarray
    variance: float


@lru_cache(maxsize=1)
def _products(fit: ProfileFit) -> _Products:
    with one_thread():
        return _multiplied_out(fit)


def _multiplied_out(fit: ProfileFit) -> _Products:
    """A covariance has G = Z_a Z_b' + Z_b Z_a', so that sums run over both orders of its pair."""
    moments, ratios = fit.moments, fit.ratios
    at = moments.at(ratios)
    inner, fixed, score = moments.kernel(ratios), at.random_fixed, at.score
    projected = inner.less(np.linalg.solve(np.linalg.cholesky(at.information), fixed.T))
    kernel = projected if fit.reml else inner
    k, p = len(ratios), moments.p
    single, double = np.zeros((k + 1, p, p)), np.zeros((k + 1, k + 1, p, p))
    expected, observed = np.zeros((k + 1, k + 1)), np.zeros((k + 1, k + 1))
    pairs = [_orders(part, moments.blocks) for part in moments.components]
    for r, of_r in enumerate(pairs, start=1):
        single[r] = sum(fixed[a].T @ fixed[b] for a, b in of_r)
        for s, of_s in enumerate(pairs[:r], start=1):
            for (a, b), (c, d) in product(of_r, of_s):
                double[r, s] += fixed[a].T @ inner.times((b, c), fixed[d])
                expected[r, s] += kernel.sum_of_products((b, c), (a, d))
                observed[r, s] += score[a] @ projected.times((b, c), score[d])
            double[s, r] = double[r, s].T
            expected[s, r], observed[s, r] = expected[r, s], observed[r, s]
    # Both orders of a pair.
    twice = np.array([len(of_r) for of_r in pairs])
    traces = twice * np.array([kernel.trace(of_r[0]) for of_r in pairs])
    freedom = moments.n - p * fit.reml
    single[0] = at.information - np.tensordot(ratios, single[1:], 1)
    double[1:, 0] = single[1:] - np.einsum("s,rsij->rij", ratios, double[1:, 1:])
    double[0, 1:] = double[1:, 0].transpose(0, 2, 1)
    double[0, 0] = single[0] - np.tensordot(ratios, double[0, 1:], 1)
    expected[0, 1:] = expected[1:, 0] = traces - expected[1:, 1:] @ ratios
    expected[0, 0] = freedom - ratios @ traces - ratios @ expected[0, 1:]
    squares = twice * moments.sums(score, score)
    observed[0, 1:] = observed[1:, 0] = squares - observed[1:, 1:] @ ratios
    observed[0, 0] = at.residual - ratios @ squares - ratios @ observed[0, 1:]
    return _Products(at.information, single, double, expected, observed, at.residual / freedom)


def _orders(part: Component, blocks: Sequence[slice]) -> list[tuple[slice, slice]]:
    first, second = blocks[part.first], blocks[part.second]
    return [(first, second)] if part.is_variance else [(first, second), (second, first)]


@lru_cache(maxsize=1)
def _kenward_roger_parts(fit: ProfileFit) -> _Parts:
    products = _products(fit)
    inverse = np.linalg.inv(products.information)
    weights = 2 * _inverse(products.expected)
    slopes = inverse @ products.single @ inverse
    bias = np.einsum("rs,rsij->ij", weights, products.double) - np.einsum(
        "rs,rij,jk,skl->il", weights, products.single, inverse, products.single, optimize=True
    )
    adjusted = inverse + 2 * inverse @ bias @ inverse
    return _Parts(inverse, adjusted, slopes, weights, products.variance)


@lru_cache(maxsize=1)
def _satterthwaite_parts(fit: ProfileFit) -> _Parts:
    products = _products(fit)
    # lmerTest differentiates in standard deviations, where a component at zero has no slope.
    there = [
        fit.variances[fit.moments.names[part.first]] > 0
        and fit.variances[fit.moments.names[part.second]] > 0
        for part in fit.moments.components
    ]
    kept = np.array([True, *there])
    inverse = np.linalg.inv(products.information)
    hessian = 2 * products.observed / products.variance - products.expected
    weights = 2 * _inverse(hessian[np.ix_(kept, kept)])
    slopes = (inverse @ products.single @ inverse)[kept]
    return _Parts(inverse, inverse, slopes, weights, products.variance)


def _inverse(information: np.ndarray) -> np.ndarray:
    """Inverse over the directions that the data inform on, as pbkrtest and lmerTest have it.

    Scaled to a unit diagonal, so that components of very different sizes are judged alike.
    """
    sizes = np.sqrt(np.abs(np.diagonal(information)))
    sizes[sizes == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(sizes, sizes))
    kept = values > 1e-10
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(sizes, sizes)
