"""A second opinion on a fit: statsmodels' MixedLM from the exact fit's start values.

Left to itself it can stop far from the optimum without a warning, or end in NaN where a variance
is estimated zero; so it starts beside the exact fit, components estimated zero are left out, and
what it finds counts only if it has the same likelihood.
"""

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from .fit import ProfileFit
from .random_terms import RandomTerm

TOLERANCE = 1e-3
# Starts, as multiples of the exact fit's variances. From the optimum itself it can only confirm the
# likelihood there, not that it is the largest; so that comes second, where the first stops short.
STARTS = (1.5, 1.0)
# Rows times random effects; above, it takes longer than all the rest of a study's inference.
LARGEST = 1_000_000


@dataclass(frozen=True)
class Comparison:
    """Log-likelihoods on the response's scale; `estimates_apart` in standard errors, the largest.

    `note` says in a plain sentence what was found, or why nothing was.
    """

    profile_loglik: float
    statsmodels_loglik: float | None
    difference: float | None
    estimates_apart: float | None
    accepted: bool | None
    note: str

    def as_dict(self) -> dict:
        """Plain values, for JSON."""
        return asdict(self)


def compare(
    fit: ProfileFit, response: np.ndarray, design: np.ndarray, random: Sequence[RandomTerm]
) -> Comparison:
    """Refits the model with statsmodels; never raises for what statsmodels does."""
    kept = [term for term in random if term.name not in fit.dropped]

    def without(reason: str) -> Comparison:
        return Comparison(fit.loglik, None, None, None, None, reason)

    if not kept:
        return without("statsmodels was not run: every component was estimated zero.")
    if not design.shape[1]:
        return without("statsmodels was not run: the model has no fixed effects.")
    if any(term.block for term in kept):
        return without("statsmodels was not run: it has no correlated effects of crossed factors.")
    if fit.moments.log_weights is not None:
        return without("statsmodels was not run: it has no weights.")
    size = fit.n * sum(int(term.codes.max()) + 1 for term in kept)
    if size > LARGEST:
        return without(
            "statsmodels was not run: with this many rows and levels it takes longer than all "
            "other analyses together; the exact fit is reported."
        )
    try:
        for start in STARTS:
            loglik, beta = _statsmodels(fit, response, design, kept, start)
            if loglik > fit.loglik - TOLERANCE:
                break
    except Exception as error:
        return without(f"statsmodels failed ({type(error).__name__}); the exact fit is reported.")
    if not np.isfinite(loglik):
        return without("statsmodels ended without a likelihood; the exact fit is reported.")
    difference = loglik - fit.loglik
    apart = float(np.max(np.abs(beta - fit.beta) / np.sqrt(np.diagonal(fit.covariance))))
    accepted = bool(abs(difference) < TOLERANCE)
    if accepted:
        note = f"statsmodels agrees: the log-likelihoods are {abs(difference):.1e} apart."
    elif difference < 0:
        note = (
            f"statsmodels stopped short: its log-likelihood is {-difference:.4f} below that of "
            "the exact fit, which is reported."
        )
    else:
        note = (
            f"statsmodels found a likelihood {difference:.4f} above that of the exact fit: do not "
            "rely on this fit, the likelihood may have several peaks."
        )
    return Comparison(fit.loglik, loglik, difference, apart, accepted, note)


def _statsmodels(
    fit: ProfileFit,
    response: np.ndarray,
    design: np.ndarray,
    kept: Sequence[RandomTerm],
    start_at: float,
) -> tuple[float, np.ndarray]:
    """Log-likelihood and estimates, fitted to orthonormal columns and a scaled response.

    statsmodels judges a boundary in absolute units, so that other scales mislead it.
    """
    import statsmodels.formula.api as smf
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    n, p = design.shape
    basis, root = np.linalg.qr(design)
    centre = basis.T @ response
    residuals = response - basis @ centre
    scale = residuals.std()
    names = [f"x{j}" for j in range(p)]
    table = pd.DataFrame(basis, columns=names).assign(y=residuals / scale)
    parts, variances = {}, []
    for k, term in enumerate(kept):
        # statsmodels sorts the components by name.
        name = f"v{k:03d}"
        table[f"g{k}"] = term.codes
        parts[name] = f"0 + C(g{k})"
        size = 1.0
        if term.covariate is not None:
            size = float(np.sqrt(np.mean(term.covariate**2)))
            table[f"z{k}"] = term.covariate / size
            parts[name] += f":z{k}"
        variances.append(fit.variances[term.name] * size**2 / fit.residual_variance)
    start = MixedLMParams.from_components(
        fe_params=(root @ fit.beta - centre) / scale,
        cov_re=np.zeros((0, 0)),
        vcomp=start_at * np.array(variances),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm(
            f"y ~ 0 + {' + '.join(names)}", table, groups=np.ones(n), vc_formula=parts
        )
        refitted = model.fit(reml=fit.reml, method="lbfgs", start_params=start)
    shift = (n - p * fit.reml) * np.log(scale)
    if fit.reml:
        shift += np.linalg.slogdet(root)[1]
    beta = np.linalg.solve(root, centre + scale * np.asarray(refitted.fe_params))
    return float(refitted.llf - shift), beta
