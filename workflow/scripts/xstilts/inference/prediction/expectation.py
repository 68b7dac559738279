"""The gain that a study leads one to expect of an intermediate task, target task and language.

Two additive models share the work. The *level* says how much any intermediate task helps a target
in a language: target + language + pretraining size + syntactic distance. The *contrast* says which
intermediate tasks help it more than others: intermediate + dyad + similarity + similarity by
pretraining size. Their rows are the cells' means and the deviations from them, which are
orthogonal where each cell has every intermediate task.

All coefficients but the mean are shrunk: they are random effects whose variances are estimated by
restricted maximum likelihood (so that a covariate that says nothing gets a coefficient of zero).
A target, language or dyad that the model never saw has the expectation zero, so one and the same
model predicts for all of them. Gains are divided by their root mean square within the target
first: those of BUCC and Tatoeba are tens of points and would decide all coefficients alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixed_models.random_terms import RandomTerm
from xstilts.inference.engine import fit
from xstilts.inference.prediction import features

CELL = ["target", "language"]
LEVEL = (("target", "language"), ("size", "distance"))
CONTRAST = (("intermediate", "dyad"), ("similarity", "similarity_by_size"))


@dataclass(frozen=True, eq=False)
class Additive:
    """An intercept, an effect for each level of each factor, and a slope for each covariate."""

    intercept: float
    effects: dict[str, dict[str, float]]
    centres: dict[str, float]
    slopes: dict[str, float]

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """(n,); unseen levels add nothing, unknown covariates stand at their mean."""
        predicted = np.full(len(rows), self.intercept)
        for factor, effects in self.effects.items():
            predicted += rows[factor].map(effects).fillna(0.0).to_numpy(float)
        for covariate, slope in self.slopes.items():
            away = rows[covariate] - self.centres[covariate]
            predicted += slope * away.fillna(0.0).to_numpy(float)
        return predicted


@dataclass(frozen=True, eq=False)
class Expectation:
    """What `expectation` learned; `scales` are points per unit for each target it knows."""

    scales: dict[str, float]
    level: Additive
    contrast: Additive

    def gains(self, rows: pd.DataFrame) -> np.ndarray:
        """Expected gain in points of each row; a new target has the median target's scale."""
        usual = float(np.median(list(self.scales.values())))
        scales = rows["target"].map(self.scales).fillna(usual).to_numpy(float)
        rows = _with_dyads(rows)
        return scales * (self.level.predict(rows) + self.contrast.predict(rows))


def expectation(rows: pd.DataFrame) -> Expectation:
    """Learns from `rows`: intermediate, target, language, gain (points) and the covariates.

    `similarity` is centred within the target, `size` is log10 of the language's pretraining text
    in units of 10 GiB, `distance` its syntactic distance to English; NaN where unknown. Columns
    of features (see `features`) join the covariates of their model.

    Raises:
        StudyError: the model cannot be fitted, as where tasks explain gains without any residual.
    """
    squares = (rows["gain"] ** 2).groupby(rows["target"]).mean()
    usual = float(np.sqrt(squares[squares > 0].median())) if (squares > 0).any() else 1.0
    scales = {target: np.sqrt(value) or usual for target, value in squares.items()}
    rows = _with_dyads(rows)
    rows["gain"] /= rows["target"].map(scales)
    of_level, of_contrast = (
        [name for name in rows if name.startswith(prefix)]
        for prefix in (features.LEVEL, features.CONTRAST)
    )
    level_factors, level_covariates = LEVEL
    factors, covariates = CONTRAST
    numbers = [*level_covariates, *of_level]
    level = rows.groupby(CELL, as_index=False)[["gain", *numbers]].mean()
    rows["gain"] -= rows.groupby(CELL)["gain"].transform("mean")
    return Expectation(
        scales,
        additive(level, level_factors, numbers),
        additive(rows, factors, [*covariates, *of_contrast]),
    )


def _with_dyads(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        dyad=rows["intermediate"] + ">" + rows["target"],
        similarity_by_size=rows["similarity"] * rows["size"],
    )


def additive(rows: pd.DataFrame, factors: Sequence[str], covariates: Sequence[str]) -> Additive:
    """Fits `gain` of `rows` by shrunken effects of `factors` and slopes on `covariates`."""
    response = rows["gain"].to_numpy(float)
    terms, levels, centres, units = [], {}, {}, {}
    for factor in factors:
        codes, names = pd.factorize(rows[factor], sort=True)
        # With one level it is the intercept, with one level a row it is the residual.
        if 1 < len(names) < len(rows):
            terms.append(RandomTerm(factor, codes))
            levels[factor] = names
    for covariate in covariates:
        column = rows[covariate].astype(float)
        centre, unit = column.mean(), column.std(ddof=0)
        if unit > 1e-12:
            standard = ((column - centre) / unit).fillna(0.0).to_numpy()
            terms.append(RandomTerm(covariate, np.zeros(len(rows), dtype=int), standard))
            centres[covariate], units[covariate] = float(centre), float(unit)
    if np.ptp(response) <= 1e-12 * max(1.0, np.abs(response).max()):
        return Additive(float(response.mean()), {}, {}, {})
    fitted = fit(response, np.ones((len(rows), 1)), terms)
    return Additive(
        intercept=float(fitted.beta[0]),
        effects={
            factor: dict(zip(names, fitted.modes[factor].tolist(), strict=True))
            for factor, names in levels.items()
        },
        centres=centres,
        slopes={name: float(fitted.modes[name][0]) / unit for name, unit in units.items()},
    )
