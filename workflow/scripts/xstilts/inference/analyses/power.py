"""Which slope could this study have seen, and which could a larger one?

`smallest_detectable_slope` is what the headline's test alone finds in four of five studies at the
5 % level: the standard error times t(.975) + t(.8). `smallest_slope_seen` is the slope from which
on four of five studies end in the sentence that similarity predicts gain: that needs a headline
that is seen and no match that contradicts it (see `answer`). It is found by simulating studies like
this one from the fitted components. More seeds hardly lower either, more tasks do (Westfall, Kenny
& Judd 2014).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from mixed_models.denominator_df import Test
from xstilts.core.errors import StudyError
from xstilts.inference.analyses.equivalence import SIGNIFICANT
from xstilts.inference.analyses.headline import SIMILARITY, Fitted, dyad_terms, fit_dyads
from xstilts.inference.analyses.match import WITHIN, contrast, split_similarity
from xstilts.inference.answer import DIFFERENT
from xstilts.inference.dyads import DYAD, double_centred

POWER = 0.8
# Intermediate and target tasks: the full grid, more of either, more of both, and the 42 x 11 of
# Poth et al. (2021).
LARGER = ((9, 9), (20, 9), (9, 20), (20, 20), (42, 11))
SEEDS = (1, 3, 10)
REPLICATES = 12
# Studies simulated like this one; fewer of a large one, whose fits take long and vary little.
STUDIES = 60
DYADS_AT_MOST = 20_000


def smallest_detectable(test: Test) -> float:
    """Slope that such a test finds with 80 % probability."""
    reach = stats.t.ppf(0.975, test.df) + stats.t.ppf(POWER, test.df)
    return float(test.standard_error * reach)


def power(
    table: pd.DataFrame,
    fitted: Fitted,
    noise: dict[str, float] | None,
    seeds: int,
    seed: int,
    covariates: tuple[str, ...] = (),
    larger: Sequence[tuple[int, int]] | None = None,
) -> list[dict[str, object]]:
    """Rows of the table `power`: this study first, then others simulated from its components.

    Args:
        table: dyads.
        fitted: the headline model.
        noise: variance of `dyad` and `run` on the standardised scale (`seed_components`); None
            with one seed: then the effect of more seeds is not known.
        seeds: training seeds of this study.
        seed: of the simulation.
        covariates: of the headline model.
        larger: other shapes; `LARGER` if None.
    """
    here = fitted.kenward_roger(SIMILARITY)
    sizes = table["intermediate"].nunique(), table["target"].nunique()
    random = np.random.default_rng(seed)
    thresholds = slopes_needed(table, fitted, covariates, random)
    finite = np.isfinite(thresholds)
    seen = np.quantile(thresholds, POWER, method="higher") if len(thresholds) else np.nan
    seen = seen if np.isfinite(seen) else np.nan
    rows = [_row(sizes, seeds, here.standard_error, smallest_detectable(here), seen)]
    shares = _similarity_shares(table)
    counts = _families_of(table)
    others = [(sizes, count) for count in SEEDS if noise and count != seeds]
    others += [(shape, seeds) for shape in (LARGER if larger is None else larger) if shape != sizes]
    for shape, count in others:
        residual = _residual(fitted, noise, seeds, count)
        tests = _simulated(shape, fitted, shares, residual, counts, random)
        if tests:
            errors = [(each.standard_error, smallest_detectable(each)) for each in tests]
            error, smallest = np.median(errors, axis=0)
            rows.append(_row(shape, count, error, smallest, _seen_in(tests, finite.mean())))
    return rows


def slopes_needed(
    table: pd.DataFrame,
    fitted: Fitted,
    covariates: tuple[str, ...],
    random: np.random.Generator,
) -> np.ndarray:
    """The slope from which on each simulated study says that similarity predicts gain, (studies,).

    A slope moves all estimates by itself and leaves errors, degrees of freedom and the difference
    of the two slopes alone, so that one study without a slope tells of all slopes. Infinite where
    the two slopes of a study seem to differ.
    """
    deviations = {name: np.sqrt(value) for name, value in fitted.fit.variances.items()}
    terms = [each for each in dyad_terms(table, SIMILARITY) if each.name in deviations]
    within = split_similarity(table, covariates)[WITHIN].to_numpy(float)
    size = float(within @ within)
    slopes = []
    for _ in range(max(REPLICATES, min(STUDIES, DYADS_AT_MOST // len(table)))):
        gain = np.sqrt(fitted.fit.residual_variance) * random.normal(size=len(table))
        for term in terms:
            effects = deviations[term.name] * random.normal(size=term.codes.max() + 1)
            gain += effects[term.codes] * (1.0 if term.covariate is None else term.covariate)
        study = table.assign(gain_scaled=gain)
        try:
            test = fit_dyads(study, covariates=covariates).kenward_roger(SIMILARITY)
            difference = contrast(study, covariates=covariates)
        except StudyError:
            continue
        if difference is not None and difference.p < DIFFERENT:
            slopes.append(np.inf)
            continue
        needed = _critical(test) * test.standard_error - test.estimate
        match = float(within @ gain) / size if size > 0 else np.inf
        slopes.append(max(needed, -match))
    return np.array(slopes)


def _critical(test: Test) -> float:
    return float(stats.t.ppf(1 - SIGNIFICANT / 2, test.df))


def _seen_in(tests: list[Test], uncontradicted: float) -> float:
    """The slope that is seen in four of five of such studies, of which a share contradict it."""

    def lacking(slope: float) -> float:
        power = [
            stats.nct.sf(_critical(test), test.df, slope / test.standard_error) for test in tests
        ]
        return uncontradicted * float(np.mean(power)) - POWER

    highest = 20 * max(test.standard_error for test in tests)
    return float(brentq(lacking, 0.0, highest)) if lacking(highest) > 0 else np.nan


def _row(
    shape: tuple[int, int], seeds: int, error: float, smallest: float, seen: float
) -> dict[str, object]:
    return {
        "intermediates": shape[0], "targets": shape[1], "seeds": seeds, "standard_error": error,
        "smallest_detectable_slope": smallest, "smallest_slope_seen": seen,
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


def _families_of(table: pd.DataFrame) -> tuple[int, int] | None:
    """How many families either side has; None where none are known."""
    names = ["intermediate_family", "target_family"]
    return tuple(table[names].nunique()) if set(names) <= set(table.columns) else None


def _simulated(
    shape: tuple[int, int],
    fitted: Fitted,
    shares: tuple[float, float, float],
    residual: float,
    families: tuple[int, int] | None,
    random: np.random.Generator,
) -> list[Test]:
    """The headline's tests of studies of another shape, with as many families as this one."""
    deviations = {name: np.sqrt(value) for name, value in fitted.fit.variances.items()}
    tests = []
    for _ in range(REPLICATES):
        similarity = _crossed(random, shape, shares)
        similarity = (similarity - similarity.mean()) / similarity.std()
        sides = [deviations.get(name, 0.0) for name in DYAD]
        gain = _crossed(random, shape, (*sides, np.sqrt(residual)))
        slopes = [deviations.get(f"similarity|{name}", 0.0) for name in DYAD]
        gain += similarity * _crossed(random, shape, (*slopes, 0.0))
        study = _study_of(gain, similarity)
        if families is not None:
            groups = {}
            for column, name, count in zip(
                ("intermediate_family", "target_family"), DYAD, families, strict=True
            ):
                groups[column] = study[name] % count
            study = study.assign(**groups, member=study["target"])
            effects = deviations.get("family pair", 0.0) * random.normal(size=families)
            study["gain_scaled"] += effects[groups["intermediate_family"], groups["target_family"]]
        try:
            tests.append(fit_dyads(study).kenward_roger(SIMILARITY))
        except StudyError:
            continue
    return tests


def _study_of(gain: np.ndarray, similarity: np.ndarray) -> pd.DataFrame:
    row, column = (index.ravel() for index in np.indices(gain.shape))
    return pd.DataFrame(
        {
            "intermediate": row, "target": column, "same_data": False,
            "gain_scaled": gain.ravel(), SIMILARITY: similarity.ravel(),
        }
    )  # fmt: skip


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
