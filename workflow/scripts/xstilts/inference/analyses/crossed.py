"""The model of all rows (dyad by language), by two engines, and what goes wrong without the dyads.

The row-level model carries no more information on similarity than the dyads do; it is the common
way to write the analysis down, splits the variance, and is the place where statsmodels is checked.
"""

import numpy as np
import pandas as pd
from scipy import stats

from mixed_models.denominator_df import LEVEL, Test
from mixed_models.engines import Comparison, compare
from mixed_models.random_terms import RandomTerm
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    Fitted,
    codes,
    design_of,
    fit_without_zero,
)

CROSSED = {
    "intermediate": ("intermediate",),
    "target": ("target",),
    "language": ("language",),
    "dyad": ("intermediate", "target"),
    "target:language": ("target", "language"),
}
NAIVE = ("intermediate", "target", "language")
WARNING = (
    "A warning, not a result: without a dyad effect this model counts every language as a new "
    "observation of similarity and rejects a true null in six of ten studies."
)


def fit_rows(
    rows: pd.DataFrame,
    groups: tuple[str, ...] = tuple(CROSSED),
    response: str = "gain_scaled",
    terms: tuple[str, ...] = (FLAG, SIMILARITY),
) -> Fitted:
    """The crossed model of rows with random intercepts for `groups`.

    A grouping with one row per level is the residual, and left out.

    Raises:
        StudyError: the numbers allow no fit.
    """
    design, kept = design_of(rows, terms)
    fitted, zero = fit_without_zero(
        rows[response].to_numpy(float), design, random_terms(rows, groups)
    )
    return Fitted(fitted, kept, zero)


def second_opinion(rows: pd.DataFrame, fitted: Fitted, response: str = "gain_scaled") -> Comparison:
    """The full model of `fit_rows` by statsmodels, beside the exact fit of it."""
    design, _ = design_of(rows, (FLAG, SIMILARITY))
    random = [each for each in random_terms(rows, tuple(CROSSED)) if each.name not in fitted.zero]
    return compare(fitted.fit, rows[response].to_numpy(float), design, random)


def random_terms(rows: pd.DataFrame, groups: tuple[str, ...]) -> list[RandomTerm]:
    """Random intercepts of those `groups` that have fewer levels than rows, and more than one.

    Of two that group the rows alike (target, and target by language where there is one language)
    the first stands for both: nothing tells their variances apart.
    """
    terms: dict[bytes, RandomTerm] = {}
    for name in groups:
        levels = codes(rows, *CROSSED[name])
        if 0 < levels.max() < len(rows) - 1:
            terms.setdefault(pd.factorize(levels)[0].tobytes(), RandomTerm(name, levels))
    return list(terms.values())


def naive_test(fitted: Fitted, term: str = SIMILARITY) -> Test:
    """The test that comes with such a model: rows less coefficients as degrees of freedom."""
    contrast = fitted.contrast(term)
    estimate = fitted.estimate(term)
    error = float(np.sqrt(contrast @ fitted.fit.covariance @ contrast))
    df = float(fitted.fit.n - len(fitted.terms))
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * error
    t = estimate / error
    p = float(2 * stats.t.sf(abs(t), df))
    return Test(estimate, error, df, t, p, estimate - reach, estimate + reach)
