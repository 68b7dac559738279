"""Which slope could this study have seen, and which could a larger one?

The smallest detectable slope is found in four of five studies at the 5 % level: the standard error
times t(.975) + t(.8). More seeds hardly lower it, more tasks do (Westfall, Kenny & Judd 2014).
"""

import numpy as np
import pandas as pd
from scipy import stats

from mixed_models.denominator_df import Test
from xstilts.core.errors import StudyError
from xstilts.inference.analyses.headline import SIMILARITY, Fitted, fit_dyads
from xstilts.inference.dyads import DYAD, double_centred

POWER = 0.8
# Intermediate and target tasks: the full grid, more of either, more of both, and the 42 x 11 of
# Poth et al. (2021).
LARGER = ((9, 9), (20, 9), (9, 20), (20, 20), (42, 11))
SEEDS = (1, 3, 10)
REPLICATES = 12


def smallest_detectable(test: Test) -> float:
    """Slope that such a test finds with 80 % probability."""
    reach = stats.t.ppf(0.975, test.df) + stats.t.ppf(POWER, test.df)
    return float(test.standard_error * reach)


def power(
    table: pd.DataFrame, fitted: Fitted, noise: dict[str, float] | None, seeds: int, seed: int
) -> list[dict[str, object]]:
    """Rows of the table `power`: this study first, then others simulated from its components.

    Args:
        table: dyads.
        fitted: the headline model.
        noise: variance of `dyad` and `run` on the standardised scale (`seed_components`); None
            with one seed: then the effect of more seeds is not known.
        seeds: training seeds of this study.
        seed: of the simulation.
    """
    here = fitted.kenward_roger(SIMILARITY)
    sizes = table["intermediate"].nunique(), table["target"].nunique()
    rows = [_row(sizes, seeds, here.standard_error, smallest_detectable(here))]
    random = np.random.default_rng(seed)
    shares = _similarity_shares(table)
    others = [(sizes, count) for count in SEEDS if noise and count != seeds]
    others += [(shape, seeds) for shape in LARGER if shape != sizes]
    for shape, count in others:
        residual = _residual(fitted, noise, seeds, count)
        found = _simulated(shape, fitted, shares, residual, random)
        if found:
            rows.append(_row(shape, count, *found))
    return rows


def _row(shape: tuple[int, int], seeds: int, error: float, smallest: float) -> dict[str, object]:
    return {
        "intermediates": shape[0], "targets": shape[1], "seeds": seeds,
        "standard_error": error, "smallest_detectable_slope": smallest,
    }  # fmt: skip


def _residual(fitted: Fitted, noise: dict[str, float] | None, seeds: int, wanted: int) -> float:
    """Residual variance with `wanted` seeds: the share of noise in it shrinks with their number."""
    residual = fitted.fit.residual_variance
    if noise is None:
        return residual
    whole = noise["dyad"] + noise["run"] / seeds
    share = noise["run"] / seeds / whole if whole > 0 else 0.0
    return residual * (1 - share + share * seeds / wanted)


def _similarity_shares(table: pd.DataFrame) -> tuple[float, float, float]:
    """Standard deviations of similarity's parts: intermediate task, target task, dyad."""
    values = table[SIMILARITY]
    rest = float(np.std(double_centred(table, SIMILARITY)))
    sides = [float(values.groupby(table[name]).mean().std()) for name in DYAD]
    return sides[0], sides[1], rest


def _simulated(
    shape: tuple[int, int],
    fitted: Fitted,
    shares: tuple[float, float, float],
    residual: float,
    random: np.random.Generator,
) -> tuple[float, float] | None:
    """Mean standard error and smallest detectable slope of studies like this one."""
    variances = fitted.fit.variances
    found = []
    for _ in range(REPLICATES):
        similarity = _crossed(random, shape, shares)
        similarity = (similarity - similarity.mean()) / similarity.std()
        sides = [np.sqrt(variances.get(name, 0.0)) for name in DYAD]
        gain = _crossed(random, shape, (*sides, np.sqrt(residual)))
        slopes = [np.sqrt(variances.get(f"similarity|{name}", 0.0)) for name in DYAD]
        gain += similarity * _crossed(random, shape, (*slopes, 0.0))
        row, column = (index.ravel() for index in np.indices(shape))
        study = pd.DataFrame(
            {
                "intermediate": row, "target": column, "same_data": False,
                "gain_scaled": gain.ravel(), SIMILARITY: similarity.ravel(),
            }
        )  # fmt: skip
        try:
            test = fit_dyads(study).kenward_roger(SIMILARITY)
        except StudyError:
            continue
        found.append((test.standard_error, smallest_detectable(test)))
    return tuple(float(value) for value in np.median(found, axis=0)) if found else None


def _crossed(
    random: np.random.Generator, shape: tuple[int, int], deviations: tuple[float, float, float]
) -> np.ndarray:
    """Normal effects of rows, of columns and of cells with these standard deviations, summed."""
    rows, columns, cells = deviations
    return (
        rows * random.normal(size=(shape[0], 1))
        + columns * random.normal(size=(1, shape[1]))
        + cells * random.normal(size=shape)
    )
