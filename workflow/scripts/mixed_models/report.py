"""A mixed model of a table: fitted, tested, compared between engines, told in plain values."""

from dataclasses import asdict, replace
from math import isfinite

import numpy as np
import pandas as pd

from .denominator_df import Test, kenward_roger, kenward_roger_joint, satterthwaite
from .engines import compare
from .fit import ProfileFit, fit
from .fitted import fitted_values
from .likelihood_ratio import likelihood_ratio
from .model_frame import Model, Rows, prepare

__all__ = ["Model", "report"]


def report(table: pd.DataFrame, model: Model) -> dict:
    """Fits the model to the complete rows; the result is ready for JSON.

    Raises ModelError where the table or the model do not allow a fit.
    """
    rows = prepare(table, model)
    return describe(model, rows, fit_rows(rows, reml=model.reml))


def fit_rows(rows: Rows, *, reml: bool = True) -> ProfileFit:
    """Fits the model to prepared rows."""
    design = rows.design.to_numpy()
    return fit(rows.response, design, rows.random, reml=reml, weights=rows.weights)


def fitted_table(rows: Rows, fitted: ProfileFit) -> pd.DataFrame:
    """One line a complete row: its number in the table, from 1 on, and its fitted values."""
    values = fitted_values(fitted, rows.response, rows.design.to_numpy(), rows.random)
    numbers = np.flatnonzero(rows.kept) + 1
    return pd.DataFrame({"row": numbers, "response": rows.response, **asdict(values)})


def describe(model: Model, rows: Rows, fitted: ProfileFit) -> dict:
    """A fitted model in plain values, ready for JSON."""
    design = rows.design.to_numpy()
    return {
        "model": {
            "response": model.response,
            "fixed": model.fixed,
            "random": list(model.random),
            "slopes": list(model.slopes),
            **({"weights": model.weights} if model.weights else {}),
        },
        "fixed": [
            _coefficient(fitted, name, np.eye(len(fitted.beta))[k])
            for k, name in enumerate(rows.design.columns)
        ],
        "joint": _joint(fitted, rows) if fitted.reml else [],
        "tests": _words(model.reml),
        "references": rows.references,
        "random": _components(fitted, rows),
        "correlations": _correlations(fitted, rows),
        "residual_variance": fitted.residual_variance,
        "loglik": fitted.loglik,
        "reml": fitted.reml,
        "n": fitted.n,
        "dropped_rows": rows.dropped,
        "missing": rows.missing,
        "dropped_components": list(fitted.dropped),
        "likelihood_ratio": _likelihood_ratio(model, rows, fitted),
        "warnings": list(rows.warnings),
        "engines": compare(fitted, rows.response, design, rows.random).as_dict(),
    }


def _joint(fitted: ProfileFit, rows: Rows) -> list[dict]:
    """Of each term but the intercept, that all its coefficients are zero, as they are coded."""
    units = np.eye(len(fitted.beta))
    tests = []
    for name, columns in rows.terms.items():
        if list(rows.design.columns[columns]) != ["Intercept"]:
            values = asdict(kenward_roger_joint(fitted, units[columns]))
            finite = {key: value if isfinite(value) else None for key, value in values.items()}
            tests.append({"term": name, **finite})
    return tests


def _correlations(fitted: ProfileFit, rows: Rows) -> list[dict]:
    """Of each pair of correlated terms; None where one has no variance."""
    blocks = {term.name: term.block for term in rows.random}
    lines = []
    for (first, second), covariance in fitted.covariances.items():
        size = np.sqrt(fitted.variances[first] * fitted.variances[second])
        lines.append(
            {
                "block": blocks[first],
                "between": [first, second],
                "covariance": covariance,
                "correlation": float(np.clip(covariance / size, -1, 1)) if size else None,
            }
        )
    return lines


def _likelihood_ratio(model: Model, rows: Rows, fitted: ProfileFit) -> dict | None:
    """Against the smaller model, both refitted by maximum likelihood."""
    if rows.against is None:
        return None
    larger = fit_rows(rows, reml=False) if fitted.reml else fitted
    smaller = fit_rows(replace(rows, design=rows.against), reml=False)
    return {"against": model.against, **asdict(likelihood_ratio(smaller, larger))}


def _coefficient(fitted: ProfileFit, name: str, unit: np.ndarray) -> dict:
    plain = satterthwaite(fitted, unit)
    adjusted = kenward_roger(fitted, unit) if fitted.reml else None
    test: Test = adjusted or plain
    values = {
        "estimate": test.estimate,
        "se": plain.standard_error,
        "se_kenward_roger": None if adjusted is None else adjusted.standard_error,
        "df_satterthwaite": plain.df,
        "df_kenward_roger": None if adjusted is None else adjusted.df,
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


def _components(fitted: ProfileFit, rows: Rows) -> list[dict]:
    return [
        {
            "name": term.name,
            "variance": fitted.variances[term.name],
            "levels": int(term.codes.max()) + 1,
            "estimated_zero": term.name in fitted.dropped,
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
