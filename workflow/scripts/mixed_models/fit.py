"""Linear mixed models with crossed random effects, fitted exactly by their profiled likelihood.

The model is y = X b + sum_k Z_k u_k + e, with independent u_k ~ N(0, v_k) and e ~ N(0, s): random
intercepts (1 | g) and uncorrelated random slopes (0 + x | g). For given ratios r_k = v_k / s, the
best b and s have closed forms, so only the ratios are searched for, with an analytic gradient:
Bates, Maechler, Bolker & Walker (2015), Fitting linear mixed-effects models using lme4, Journal of
Statistical Software 67(1). No matrix has rows times rows entries: all follows from the
cross-products of [Z X y].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from .errors import ModelError
from .likelihood import Moments
from .random_terms import RandomTerm, cross_products

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
    were estimated zero. `loglik` is lme4's: the restricted one if `reml`.
    """

    beta: np.ndarray
    covariance: np.ndarray
    variances: dict[str, float]
    residual_variance: float
    loglik: float
    reml: bool
    n: int
    dropped: tuple[str, ...]
    # The ratios are in the order of the moments' terms.
    moments: Moments
    ratios: np.ndarray

    @cached_property
    def modes(self) -> dict[str, np.ndarray]:
        """Each term's predicted random effects, one a level, on the response's scale (BLUPs)."""
        moments, at = self.moments, self.moments.at(self.ratios)
        scales = self.ratios * moments.response_scale / moments.covariate_scales
        return {
            name: scale * at.score[block]
            for name, scale, block in zip(moments.names, scales, moments.blocks, strict=True)
        }


def fit(
    response: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    *,
    reml: bool = True,
) -> ProfileFit:
    """Fits the model to n rows; `design` is (n, p) of full rank, with its intercept, if any.

    Raises ModelError where the numbers allow no fit: values that are not finite, collinear
    columns, no more rows than columns, a response that is explained without residual, or a
    random intercept with a level of its own for every row.
    """
    moments = cross_products(response, design, random)
    ratios = _search(moments, reml)
    at = moments.at(ratios)
    residual = at.residual / (moments.n - moments.p * reml)
    to_columns = np.linalg.inv(moments.root)
    covariance = to_columns @ np.linalg.inv(at.information) @ to_columns.T
    scale = moments.response_scale**2
    variances = dict(
        zip(moments.names, scale * residual * ratios / moments.covariate_scales**2, strict=True)
    )
    names = [term.name for term in random]
    return ProfileFit(
        beta=to_columns @ (moments.least_squares + moments.response_scale * at.beta),
        covariance=scale * residual * covariance,
        variances={name: float(variances[name]) for name in names},
        residual_variance=float(scale * residual),
        loglik=-0.5 * (moments.deviance(at, reml) + moments.deviance_shift(reml)),
        reml=reml,
        n=moments.n,
        dropped=tuple(name for name in names if variances[name] == 0),
        moments=moments,
        ratios=ratios,
    )


def _search(moments: Moments, reml: bool) -> np.ndarray:
    """The variance ratios of largest likelihood, (k,), exactly 0 where negligible.

    The roots t of the ratios are searched for. The deviance is even in t, so its slope in t is
    zero at 0 whatever the data say: a root that ends there is stepped off again if the slope in
    the ratio is downhill just beyond, until neither that nor a fresh start lowers the deviance.
    """
    free = np.ones(len(moments.names), dtype=bool)
    start = best = np.ones(len(free))
    lowest = np.inf
    for _ in range(RESTARTS):
        roots, deviance = _descend(moments, start, free, reml)
        roots[roots**2 < NEGLIGIBLE] = 0.0
        if deviance > lowest - 1e-9:
            break
        best, lowest = roots, deviance
        slopes = moments.slopes(moments.at(np.maximum(roots**2, NEGLIGIBLE)), reml)
        start = roots
        for k in np.flatnonzero((roots == 0) & (slopes < 0)):
            start = _step_off(moments, start, k, reml)
        free = start > 0
    for name, root in zip(moments.names, best, strict=True):
        if root > 0.99 * LARGEST_ROOT:
            raise ModelError(
                f"the residual variance is estimated zero beside that of '{name}': the response "
                "does not vary within its levels; leave this random term out or give more rows"
            )
    return best**2


def _step_off(moments: Moments, roots: np.ndarray, k: int, reml: bool) -> np.ndarray:
    """The roots with the k-th at its best while the others stay.

    From a guess instead, the first long step of the next descent may lead back to zero.
    """

    def moved(logarithm: float) -> np.ndarray:
        found = roots.copy()
        found[k] = np.exp(logarithm)
        return found

    found = minimize_scalar(
        lambda logarithm: moments.deviance(moments.at(moved(logarithm) ** 2), reml),
        bounds=(0.5 * np.log(NEGLIGIBLE), 1.0),
        method="bounded",
    )
    return moved(found.x)


def _descend(
    moments: Moments, roots: np.ndarray, free: np.ndarray, reml: bool
) -> tuple[np.ndarray, float]:
    if not free.any():
        return roots, moments.deviance(moments.at(roots**2), reml)

    def deviance(chosen: np.ndarray) -> tuple[float, np.ndarray]:
        full = roots.copy()
        full[free] = chosen
        at = moments.at(full**2)
        return moments.deviance(at, reml), (2 * full * moments.slopes(at, reml))[free]

    found = minimize(
        deviance,
        roots[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, LARGEST_ROOT)] * int(free.sum()),
        options={"ftol": 1e-14, "gtol": 1e-5, "maxiter": 500, "maxls": 40},
    )
    best = roots.copy()
    best[free] = found.x
    return best, float(found.fun)
