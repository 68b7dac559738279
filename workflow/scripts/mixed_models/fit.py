"""Linear mixed models with crossed random effects, fitted exactly by their profiled likelihood.

The model is y = X b + sum_k Z_k u_k + e, with u_k ~ N(0, v_k) and e ~ N(0, s): random intercepts
(1 | g) and slopes (0 + x | g), independent or, as in (1 + x | g), correlated. For given ratios
r_k = v_k / s, the best b and s have closed forms, so only the ratios are searched for, with an
analytic gradient: Bates, Maechler, Bolker & Walker (2015), Fitting linear mixed-effects models
using lme4, Journal of Statistical Software 67(1). No matrix has rows times rows entries: all
follows from the cross-products of [Z X y].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from .errors import ModelError
from .likelihood import Moments
from .random_terms import RandomTerm, cross_products
from .threads import one_thread

__all__ = ["ProfileFit", "RandomTerm", "fit"]

# A component below this share of the residual variance is reported as zero: the likelihood cannot
# tell it from zero, and statsmodels goes wrong on it.
NEGLIGIBLE = 1e-6
# The square root of a ratio above this means that nothing is left for the residual.
LARGEST_ROOT = 1e4
RESTARTS = 12


@dataclass(frozen=True, eq=False)
class ProfileFit:
    """A fitted model; p coefficients in the design's order, components in the order given.

    `covariance` is the generalised-least-squares covariance (X' V^-1 X)^-1 of `beta` at the
    estimated variances; `denominator_df` adds what their estimation costs. `variances` are on the
    response's scale squared (a slope's: per squared unit of its covariate), those in `dropped`
    were estimated zero; `covariances` are those of correlated terms, by the terms' names. `loglik`
    is lme4's: the restricted one if `reml`.
    """

    beta: np.ndarray
    covariance: np.ndarray
    variances: dict[str, float]
    covariances: dict[tuple[str, str], float]
    residual_variance: float
    loglik: float
    reml: bool
    n: int
    dropped: tuple[str, ...]
    # The ratios are in the order of the moments' components.
    moments: Moments
    ratios: np.ndarray

    @cached_property
    def modes(self) -> dict[str, np.ndarray]:
        """Each term's predicted random effects, one a level, on the response's scale (BLUPs)."""
        moments, score = self.moments, self.moments.at(self.ratios).score
        scales = moments.response_scale / moments.covariate_scales
        modes = {name: np.zeros(b.stop - b.start) for name, b in _named_blocks(moments)}
        for part, ratio in zip(moments.components, self.ratios, strict=True):
            for first, second in {(part.first, part.second), (part.second, part.first)}:
                modes[moments.names[first]] += scales[first] * ratio * score[moments.blocks[second]]
        return modes

    @property
    def parameters(self) -> int:
        """The number of coefficients, variances and covariances, the residual's included."""
        return len(self.beta) + len(self.ratios) + 1


def _named_blocks(moments: Moments) -> zip:
    return zip(moments.names, moments.blocks, strict=True)


def fit(
    response: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    *,
    reml: bool = True,
    weights: np.ndarray | None = None,
    start: ProfileFit | None = None,
) -> ProfileFit:
    """Fits the model to n rows; `design` is (n, p) of full rank, with its intercept, if any.

    A row of weight w, (n,), has the residual variance s / w, as in lme4. `start` is a fit of the
    same terms to other rows, near whose variances these are looked for first.

    Raises ModelError where the numbers allow no fit: values that are not finite, collinear columns,
    no more rows than columns, a response that is explained without residual, or a random intercept
    with a level of its own for every row.
    """
    with one_thread():
        moments = cross_products(response, design, random, weights)
        begin = None if start is None else _carried(start, moments)
        ratios = _search(moments, reml, begin)
        return _fitted(moments, ratios, [term.name for term in random], reml)


def fit_at(
    fitted: ProfileFit,
    response: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    *,
    weights: np.ndarray | None = None,
) -> ProfileFit:
    """The same terms fitted to other rows, their variances' ratios to the residual's unchanged."""
    with one_thread():
        moments = cross_products(response, design, random, weights)
        names = [term.name for term in random]
        return _fitted(moments, _carried(fitted, moments), names, fitted.reml)


def _carried(fitted: ProfileFit, moments: Moments) -> np.ndarray:
    """A fit's ratios for other moments of the same terms, whose covariates are scaled otherwise."""
    before = fitted.moments
    known = {}
    for part, ratio in zip(before.components, fitted.ratios, strict=True):
        sizes = before.covariate_scales[[part.first, part.second]]
        known[frozenset((before.names[part.first], before.names[part.second]))] = (
            ratio / sizes.prod()
        )
    return np.array(
        [
            known[frozenset((moments.names[part.first], moments.names[part.second]))]
            * moments.covariate_scales[[part.first, part.second]].prod()
            for part in moments.components
        ]
    )


def _fitted(moments: Moments, ratios: np.ndarray, names: Sequence[str], reml: bool) -> ProfileFit:
    at = moments.at(ratios)
    residual = at.residual / (moments.n - moments.p * reml)
    to_columns = np.linalg.inv(moments.root)
    covariance = to_columns @ np.linalg.inv(at.information) @ to_columns.T
    scale = moments.response_scale**2
    values = {}
    for part, ratio in zip(moments.components, ratios, strict=True):
        sizes = moments.covariate_scales[[part.first, part.second]]
        pair = moments.names[part.first], moments.names[part.second]
        values[pair] = float(scale * residual * ratio / sizes.prod())
    return ProfileFit(
        beta=to_columns @ (moments.least_squares + moments.response_scale * at.beta),
        covariance=scale * residual * covariance,
        variances={name: values[name, name] for name in names},
        covariances={pair: value for pair, value in values.items() if pair[0] != pair[1]},
        residual_variance=float(scale * residual),
        loglik=-0.5 * (moments.deviance(at, reml) + moments.deviance_shift(reml)),
        reml=reml,
        n=moments.n,
        dropped=tuple(name for name in names if values[name, name] == 0),
        moments=moments,
        ratios=ratios,
    )


def _triangles(moments: Moments, roots: np.ndarray) -> list[np.ndarray]:
    """Each factor's lower triangle L, with L L' its covariance, of the searched-for roots (k,)."""
    return [np.tril(triangle) for triangle in moments.covariances(roots)]


def _ratios(moments: Moments, roots: np.ndarray) -> np.ndarray:
    return moments.ratios([triangle @ triangle.T for triangle in _triangles(moments, roots)])


def _gradient(moments: Moments, roots: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """The deviance's derivative in the roots, (k,), from that in the ratios."""
    changes = [
        2 * slope @ triangle
        for slope, triangle in zip(
            moments.covariances(slopes), _triangles(moments, roots), strict=True
        )
    ]
    return np.array([changes[part.factor][part.b, part.a] for part in moments.components])


def _without_negligible(moments: Moments, roots: np.ndarray) -> np.ndarray:
    """The roots with the rows of terms of no variance exactly zero."""
    ratios = _ratios(moments, roots)
    gone = {
        part.first
        for part, ratio in zip(moments.components, ratios, strict=True)
        if part.is_variance and ratio < NEGLIGIBLE
    }
    kept = [part.second not in gone for part in moments.components]
    return np.where(kept, roots, 0.0)


def _roots(moments: Moments, ratios: np.ndarray) -> np.ndarray:
    """The roots (k,) of ratios; the inverse of `_ratios`, but for what is negligible."""
    triangles = []
    for covariance in moments.covariances(ratios):
        added = NEGLIGIBLE * np.eye(len(covariance))
        triangles.append(np.linalg.cholesky(covariance + added))
    entries = [triangles[part.factor][part.b, part.a] for part in moments.components]
    return _without_negligible(moments, np.array(entries))


def _search(moments: Moments, reml: bool, begin: np.ndarray | None = None) -> np.ndarray:
    """The variance ratios of largest likelihood, (k,), exactly 0 where negligible.

    The roots t of the ratios are searched for (of correlated terms, the triangular root of their
    covariance). The deviance is even in t, so its slope in t is zero at 0 whatever the data say: a
    root that ends there is stepped off again if the slope in the ratio is downhill just beyond,
    until neither that nor a fresh start lowers the deviance.
    """
    variance = np.array([part.is_variance for part in moments.components], dtype=bool)
    free = np.ones(len(variance), dtype=bool)
    start = best = variance.astype(float) if begin is None else _roots(moments, begin)
    lowest = np.inf
    for _ in range(RESTARTS):
        roots, deviance = _descend(moments, start, free, reml)
        roots = _without_negligible(moments, roots)
        if deviance > lowest - 1e-9:
            break
        best, lowest = roots, deviance
        ratios = _ratios(moments, roots)
        beside = np.where(variance, np.maximum(ratios, NEGLIGIBLE), ratios)
        slopes = moments.slopes(moments.at(beside), reml)
        start = roots
        for k in np.flatnonzero(variance & (roots == 0) & (slopes < 0)):
            start = _step_off(moments, start, k, reml)
        free = _free(moments, start)
    ratios = _ratios(moments, best)
    for part, ratio in zip(moments.components, ratios, strict=True):
        if part.is_variance and np.sqrt(ratio) > 0.99 * LARGEST_ROOT:
            raise ModelError(
                "the residual variance is estimated zero beside that of "
                f"'{moments.names[part.first]}': the response does not vary within its levels; "
                "leave this random term out or give more rows"
            )
    return ratios


def _free(moments: Moments, roots: np.ndarray) -> np.ndarray:
    """Which roots the next descent moves: not those of terms estimated zero."""
    ratios = _ratios(moments, roots)
    parts = moments.components
    there = {p.first for p, ratio in zip(parts, ratios, strict=True) if p.is_variance and ratio > 0}
    return np.array(
        [root > 0 if part.is_variance else part.second in there
         for part, root in zip(parts, roots, strict=True)], dtype=bool
    )  # fmt: skip


def _step_off(moments: Moments, roots: np.ndarray, k: np.integer, reml: bool) -> np.ndarray:
    """The roots with the k-th at its best while the others stay.

    From a guess instead, the first long step of the next descent may lead back to zero. A
    twentieth of its size is near enough: the descent goes on from there.
    """

    def moved(logarithm: float) -> np.ndarray:
        stepped = roots.copy()
        stepped[k] = np.exp(logarithm)
        return stepped

    lowest = minimize_scalar(
        lambda logarithm: moments.deviance(moments.at(_ratios(moments, moved(logarithm))), reml),
        bounds=(0.5 * np.log(NEGLIGIBLE), 1.0),
        method="bounded",
        options={"xatol": 0.05},
    )
    return moved(lowest.x)


def _descend(
    moments: Moments, roots: np.ndarray, free: np.ndarray, reml: bool
) -> tuple[np.ndarray, float]:
    if not free.any():
        return roots, moments.deviance(moments.at(_ratios(moments, roots)), reml)

    def deviance(chosen: np.ndarray) -> tuple[float, np.ndarray]:
        full = roots.copy()
        full[free] = chosen
        at = moments.at(_ratios(moments, full))
        gradient = _gradient(moments, full, moments.slopes(at, reml))
        return moments.deviance(at, reml), gradient[free]

    lowest = [0.0 if part.is_variance else -LARGEST_ROOT for part in moments.components]
    minimum = minimize(
        deviance,
        roots[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(low, LARGEST_ROOT) for low in np.array(lowest)[free]],
        options={"ftol": 1e-14, "gtol": 1e-5, "maxiter": 500, "maxls": 40},
    )
    best = roots.copy()
    best[free] = minimum.x
    return best, float(minimum.fun)
