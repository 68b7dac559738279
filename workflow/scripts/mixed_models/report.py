"""A mixed model of a table: fitted, tested, compared between engines, told in plain values."""

from math import isfinite

import numpy as np
import pandas as pd

from .denominator_df import Test, kenward_roger, satterthwaite
from .engines import compare
from .fit import ProfileFit, fit
from .model_frame import Model, Rows, prepare

__all__ = ["Model", "report"]


def report(table: pd.DataFrame, model: Model) -> dict:
    """Fits the model to the complete rows; the result is ready for JSON.

    Raises ModelError where the table or the model do not allow a fit.
    """
    rows = prepare(table, model)
    design = rows.design.to_numpy()
    found = fit(rows.response, design, rows.random, reml=model.reml)
    return {
        "model": {
            "response": model.response,
            "fixed": model.fixed,
            "random": list(model.random),
            "slopes": list(model.slopes),
        },
        "fixed": [
            _coefficient(found, name, np.eye(len(found.beta))[k])
            for k, name in enumerate(rows.design.columns)
        ],
        "tests": _words(model.reml),
        "references": rows.references,
        "random": _components(found, rows),
        "residual_variance": found.residual_variance,
        "loglik": found.loglik,
        "reml": found.reml,
        "n": found.n,
        "dropped_rows": rows.dropped,
        "missing": rows.missing,
        "dropped_components": list(found.dropped),
        "engines": compare(found, rows.response, design, rows.random).as_dict(),
    }


def _coefficient(found: ProfileFit, name: str, unit: np.ndarray) -> dict:
    plain = satterthwaite(found, unit)
    adjusted = kenward_roger(found, unit) if found.reml else None
    test: Test = adjusted or plain
    values = {
        "estimate": test.estimate,
        "se": plain.standard_error,
        "se_kenward_roger": adjusted and adjusted.standard_error,
        "df_satterthwaite": plain.df,
        "df_kenward_roger": adjusted and adjusted.df,
        "t": test.t,
        "p": test.p,
        "low": test.low,
        "high": test.high,
    }
    # JSON has no word for what is not finite.
    finite = {
        key: value if value is None or isfinite(value) else None for key, value in values.items()
    }
    return {"term": name, **finite}


def _components(found: ProfileFit, rows: Rows) -> list[dict]:
    return [
        {
            "name": term.name,
            "variance": found.variances[term.name],
            "levels": int(term.codes.max()) + 1,
            "estimated_zero": term.name in found.dropped,
        }
        for term in rows.random
    ]


def _words(reml: bool) -> str:
    if reml:
        return (
            "t, p and the 95 % interval use Kenward and Roger's standard errors and degrees of "
            "freedom; `se` is the generalised-least-squares standard error, unadjusted."
        )
    return (
        "t, p and the 95 % interval use the generalised-least-squares standard error and "
        "Satterthwaite's degrees of freedom: Kenward and Roger's need REML."
    )
