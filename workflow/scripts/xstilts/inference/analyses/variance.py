"""Where the gains' variance lies, and how much of it similarity explains.

Shares as in generalisability theory; R2 of Nakagawa & Schielzeth (2013), Methods in Ecology and
Evolution 4; the partial R2 at the level where similarity lives, the dyads.
"""

import numpy as np
import pandas as pd

from xstilts.inference.analyses.crossed import CROSSED, fit_rows
from xstilts.inference.analyses.headline import SIMILARITY, Fitted, fit_dyads

RUN = "run"


def variance_shares(rows: pd.DataFrame, run_variance: float | None, seeds: float) -> pd.DataFrame:
    """component, variance (points squared), share and estimated_zero of the raw gains.

    `run_variance` is that of a dyad's gain between training seeds, and `seeds` how many were
    averaged; what the dyad component owes to them is taken out of it. None if there is one seed:
    then `dyad` holds both.
    """
    fitted = fit_rows(rows, response="gain", terms=())
    variances = {name: fitted.fit.variances.get(name, 0.0) for name in CROSSED}
    present = set(fitted.fit.variances) | set(fitted.zero)
    variances = {name: value for name, value in variances.items() if name in present}
    variances["residual"] = fitted.fit.residual_variance
    zero = set(fitted.zero)
    if run_variance is not None and "dyad" in variances:
        variances["dyad"] = max(variances["dyad"] - run_variance / seeds, 0.0)
        variances[RUN] = run_variance
        zero |= {name for name in ("dyad", RUN) if variances[name] == 0}
    total = sum(variances.values())
    return pd.DataFrame(
        {
            "component": list(variances),
            "variance": list(variances.values()),
            "share": [value / total if total > 0 else np.nan for value in variances.values()],
            "estimated_zero": [name in zero for name in variances],
        }
    )


def explained(table: pd.DataFrame, covariates: tuple[str, ...] = ()) -> dict[str, float]:
    """R2 of the dyad-level model, with and without similarity; see the module."""
    full = fit_dyads(table, covariates=covariates, slopes=False)
    without = fit_dyads(table, predictor="", covariates=covariates, slopes=False)
    marginal, conditional = _r2(table, full, covariates)
    marginal_without, _ = _r2(table, without, covariates)
    left = full.fit.residual_variance / without.fit.residual_variance
    return {
        "r2_marginal": marginal,
        "r2_conditional": conditional,
        "partial_r2_similarity": 1 - left,
        "semi_partial_r2_similarity": marginal - marginal_without,
    }


def _r2(table: pd.DataFrame, fitted: Fitted, covariates: tuple[str, ...]) -> tuple[float, float]:
    predicted = np.zeros(len(table))
    for name in ("same_data", SIMILARITY, *covariates):
        if name in fitted.terms:
            predicted += fitted.estimate(name) * table[name].to_numpy(float)
    fixed = float(np.var(predicted))
    random = sum(fitted.fit.variances.values())
    total = fixed + random + fitted.fit.residual_variance
    return fixed / total, (fixed + random) / total
