"""All similarity measures beside each other: the same test of each, and how far they agree."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference.analyses.headline import SIMILARITY, enough_tasks, fit_dyads, permute
from xstilts.inference.dyads import DYAD, task_similarity

Dyads = Callable[[str], pd.DataFrame]


def compare(
    similarity: pd.DataFrame,
    primary: str,
    dyads_of: Dyads,
    *,
    covariates: tuple[str, ...] = (),
    permutations: int,
    seed: int,
) -> list[dict[str, object]]:
    """Rows of the table `measures`, the primary one first.

    Every p-value but the primary one's is for exploration; `p_max_t` is adjusted for all measures
    by the largest statistic of each joint relabelling (Westfall & Young 1993).
    `estimate_disattenuated` is the slope of the match alone divided by the measure's reliability, a
    classical correction for a predictor measured with error: the reliability is that of what both
    tasks leave of similarity (see `similarity.resampling`), so it says nothing of other slopes.

    Args:
        similarity: similarity.parquet.
        primary: the measure named beforehand.
        dyads_of: the dyads in the units of one measure.
        covariates: of the headline model.
        permutations: joint relabellings of the tasks.
        seed: of the relabellings.
    """
    names = [primary, *sorted(set(similarity["measure"]) - {primary})]
    tables = {name: dyads_of(name) for name in names}
    usable = [name for name in names if enough_tasks(tables[name]) is None]
    # Every measure has its own dyads; gains are those of the table that has most.
    widest = max((tables[name] for name in usable), key=len, default=None)
    permuted = {}
    if widest is not None:
        given = [tables[name] for name in usable]
        results = permute(
            widest,
            "gain_scaled",
            given,
            permutations=permutations,
            seed=seed,
            covariates=covariates,
        )
        permuted = dict(zip(usable, results, strict=True))
    rows = []
    for name in names:
        table = tables[name]
        reliability = table["reliability"].mean() if len(table) else np.nan
        row = {"measure": name, "primary": name == primary, "reliability": reliability}
        if name in permuted:
            row |= _test(table, covariates)
            match = permuted[name].slope
            row["estimate_disattenuated"] = match / reliability if reliability > 0 else np.nan
            row |= {"p_mrqap": permuted[name].p, "p_max_t": permuted[name].p_max}
        rows.append(row)
    return rows


def _test(table: pd.DataFrame, covariates: tuple[str, ...]) -> dict[str, object]:
    try:
        test = fit_dyads(table, covariates=covariates).kenward_roger(SIMILARITY)
    except StudyError:
        return {}
    return {
        "estimate": test.estimate, "standard_error": test.standard_error, "df": test.df,
        "low": test.low, "high": test.high, "p": test.p,
    }  # fmt: skip


def agreement(similarity: pd.DataFrame) -> list[dict[str, object]]:
    """Spearman's correlation of every two measures over the dyads that both have."""
    wide = {
        name: task_similarity(similarity, name).set_index(DYAD)["similarity"]
        for name in sorted(set(similarity["measure"]))
    }
    rows = []
    for first, second in combinations(wide, 2):
        both = pd.concat([wide[first], wide[second]], axis=1, join="inner").to_numpy(float)
        varies = len(both) >= 3 and (np.ptp(both, axis=0) > 0).all()
        columns = pd.Series(both[:, 0]), pd.Series(both[:, 1])
        value = columns[0].corr(columns[1], method="spearman") if varies else np.nan
        rows.append(
            {"measure_a": first, "measure_b": second, "spearman": value, "dyads": len(both)}
        )
    return rows
