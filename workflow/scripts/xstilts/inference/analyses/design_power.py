"""What a choice of rows would probably see of a similarity slope, before anything is trained.

Studies are simulated with the similarity that the chosen pairs of tasks have, and tested as the
headline tests them. Gains are in standard deviations of their target, similarity in standard
deviations over all candidates, so that designs compare. The components are assumed, as nothing is
measured yet: those of the calibration's plain scenario (benchmarks/scenarios.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from xstilts.core.errors import StudyError
from xstilts.inference.analyses.equivalence import SIGNIFICANT
from xstilts.inference.analyses.families import Families, of_kinds
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads

# Variances of a gain within its target: of the intermediate task, the pair, and a run.
INTERMEDIATE, DYAD, RUN = 0.40, 0.45, 0.15
SLOPES = (0.3, 0.5)
STUDIES = 60


@dataclass(frozen=True)
class Design:
    """Rows and columns that are run with so many seeds, and what that costs in hours."""

    rows: Sequence[str]
    columns: Sequence[str]
    seeds: int
    hours: float


def expected_power(
    designs: Sequence[Design],
    similarity: Mapping[tuple[str, str], float],
    kinds: Mapping[str, str],
    training_sets: Mapping[str, str | None],
    seed: int,
) -> list[dict[str, float]]:
    """For each design its rows, targets, seeds, hours, standard_error and power by slope.

    Power is in per cent, under `power_0.3` and `power_0.5`; NaN where no model can be fitted.
    """
    values = np.array(list(similarity.values()))
    centre, unit = values.mean(), values.std()
    families = of_kinds(dict(kinds), dict(training_sets))
    powers = []
    for design in designs:
        pairs = [(row, column) for row in design.rows for column in design.columns]
        standard = np.array([similarity[pair] for pair in pairs])
        table = _table(pairs, (standard - centre) / unit if unit > 0 else standard, families)
        tests = _tests(table, design.seeds, np.random.default_rng(seed))
        powers.append(
            {
                "rows": len(design.rows),
                "targets": len(design.columns),
                "seeds": design.seeds,
                "gpu_hours": design.hours,
                "standard_error": float(np.median(tests[:, 1])) if len(tests) else np.nan,
                **{f"power_{slope}": _power(tests, slope) for slope in SLOPES},
            }
        )
    return powers


def _table(
    pairs: Sequence[tuple[str, str]], similarity: np.ndarray, families: Families
) -> pd.DataFrame:
    table = pd.DataFrame(pairs, columns=["intermediate", "target"])
    return families.mark(table.assign(same_data=False, **{SIMILARITY: similarity}))


def _tests(table: pd.DataFrame, seeds: int, random: np.random.Generator) -> np.ndarray:
    """(studies, 3) Estimate, standard error and degrees of freedom where there is no slope."""
    rows = pd.factorize(table["intermediate"])[0]
    tests = []
    for _ in range(STUDIES):
        gain = np.sqrt(INTERMEDIATE) * random.normal(size=rows.max() + 1)[rows]
        gain += np.sqrt(DYAD + RUN / seeds) * random.normal(size=len(table))
        try:
            test = fit_dyads(table.assign(gain_scaled=gain)).kenward_roger(SIMILARITY)
        except StudyError:
            continue
        tests.append((test.estimate, test.standard_error, test.df))
    return np.array(tests).reshape(-1, 3)


def _power(tests: np.ndarray, slope: float) -> float:
    """Share of studies that see a slope. It moves the estimate, and nothing else of a test."""
    if not len(tests):
        return float("nan")
    estimate, error, freedom = tests.T
    critical = stats.t.ppf(1 - SIGNIFICANT / 2, freedom)
    return 100 * float((np.abs(estimate + slope) > critical * error).mean())
