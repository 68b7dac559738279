"""How well could any predictor do? Repeated seeds say how much of the gains is noise.

The variance of a dyad's gain between training seeds bounds the correlation that a perfect
predictor of its true gain could reach: the square root of the reliability.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from mixed_models.random_terms import RandomTerm
from xstilts.core.errors import StudyError
from xstilts.core.run_noise import Stated, stated_deviation
from xstilts.inference.analyses.headline import codes
from xstilts.inference.dyads import DYAD, double_centred
from xstilts.inference.engine import fit

ONE_SEED = "needs at least two seeds of every dyad; with one, noise and signal cannot be told apart"
QUANTITIES = (
    "reliability", "best_possible_correlation", "correlation_observed", "share_of_ceiling",
    "split_seed_spearman",
)  # fmt: skip


def seed_components(by_seed: pd.DataFrame, response: str) -> dict[str, float] | None:
    """Variance of dyads and of runs in dyad means per seed; None with one seed.

    `by_seed` has intermediate, target, seed and `response`. All gains of a target and seed are
    over the same baseline run, and all of an intermediate task and seed start from the same
    encoder; these are components of their own, so that they do not count as the dyads' noise.
    """
    # Of no dyads the largest number is NaN.
    if not by_seed.groupby(DYAD)["seed"].nunique().max() >= 2:
        return None
    groups = {
        "intermediate": ("intermediate",),
        "target": ("target",),
        "dyad": ("intermediate", "target"),
        "target:seed": ("target", "seed"),
        "intermediate:seed": ("intermediate", "seed"),
    }
    random = [RandomTerm(name, codes(by_seed, *keys)) for name, keys in groups.items()]
    try:
        fitted = fit(by_seed[response].to_numpy(float), np.ones((len(by_seed), 1)), random)
    except StudyError:
        return None
    return {**fitted.variances, "run": fitted.residual_variance}


def stated_components(
    table: pd.DataFrame, stated: Stated | None, response: str
) -> dict[str, float] | None:
    """Variance of dyads and of runs in gains of one seed, by the deviation of runs that is stated.

    None where nothing is stated of some target. `table` has intermediate, target, gain_scale and
    `response`, a dyad's gain in points or on the targets' scales. What one seed's gains vary by
    beyond both tasks is dyad and run together; the baseline's run is its target's.
    """
    deviations = np.array([stated_deviation(stated, name) for name in table["target"]], float)
    if table.empty or np.isnan(deviations).any():
        return None
    scales = table["gain_scale"].to_numpy(float) if response == "gain_scaled" else 1.0
    run = float(np.mean((deviations / scales) ** 2))
    random = [RandomTerm(name, codes(table, name)) for name in DYAD]
    try:
        fitted = fit(table[response].to_numpy(float), np.ones((len(table), 1)), random)
    except StudyError:
        return None
    # Gains that vary less than the runs alone should: all of it counts as noise of runs.
    whole = fitted.residual_variance
    return {**fitted.variances, "dyad": max(whole - run, 0.0), "run": min(run, whole)}


def dyads_by_seed(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Mean gain over languages of each dyad of `table` in each seed, raw and on its scale."""
    means = rows.groupby([*DYAD, "seed"])["gain"].mean().reset_index()
    merged = means.merge(table[[*DYAD, "gain_scale"]], on=DYAD, how="inner")
    return merged.assign(gain_scaled=merged["gain"] / merged["gain_scale"])


def noise_ceiling(
    by_seed: pd.DataFrame, table: pd.DataFrame, parts: dict[str, float] | None, source: str = ""
) -> list[dict[str, object]]:
    """Rows of the table `noise_ceiling`, by `QUANTITIES`; nulls with a note where seeds lack.

    `parts` are the variances of dyads and runs on the standardised scale; `source` says where they
    are from if not from the seeds.
    """
    other = table[~table["same_data"]]
    observed = _correlation(
        double_centred(other, "gain_standardised"),
        double_centred(other, "similarity_standardised"),
    )
    values: dict[str, float] = {"correlation_observed": observed}
    if parts is not None:
        seeds = float(by_seed.groupby(DYAD)["seed"].nunique().mean())
        noise = parts["dyad"] + parts["run"] / seeds
        reliability = parts["dyad"] / noise if noise > 0 else np.nan
        best = np.sqrt(reliability)
        values |= {
            "reliability": reliability,
            "best_possible_correlation": best,
            "share_of_ceiling": observed / best if best > 0 else np.nan,
        }
    if by_seed["seed"].nunique() > 1:
        values["split_seed_spearman"] = split_seed_spearman(by_seed)
    of_runs = f"noise of runs as stated: {source}" if source else ""
    notes = {
        **dict.fromkeys(("reliability", "best_possible_correlation", "share_of_ceiling"), of_runs),
        "correlation_observed": "of gain and similarity, both centred by task",
        "split_seed_spearman": "between the dyads' gains in two halves of the seeds",
    }
    return [
        {
            "quantity": name,
            "value": values.get(name, np.nan),
            "note": notes.get(name, "") if name in values else ONE_SEED,
        }
        for name in QUANTITIES
    ]


def split_seed_spearman(by_seed: pd.DataFrame) -> float:
    """Mean over all splits of the seeds into halves of the rank correlation between the halves.

    Gains are centred by task. With an odd number of seeds each split leaves one out.
    """
    wide = by_seed.pivot_table(index=DYAD, columns="seed", values="gain_scaled").dropna()
    seeds = list(wide.columns)
    half = len(seeds) // 2
    correlations = []
    for first in combinations(seeds, half):
        for second in combinations([seed for seed in seeds if seed not in first], half):
            if first < second:
                sides = []
                for side in (first, second):
                    means = wide[list(side)].mean(axis=1).rename("gain").reset_index()
                    sides.append(pd.Series(double_centred(means, "gain")))
                correlations.append(sides[0].corr(sides[1], method="spearman"))
    return float(np.nanmean(correlations)) if correlations else np.nan


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 3 or not np.std(first) > 0 or not np.std(second) > 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
