"""How far cheap runs tell what full runs tell: the pairs of tasks that were run both ways.

On a published grid of 65 sources and 105 targets a quarter of the examples keeps a rank correlation
of 0.87 within targets, names the same best source in 62 % of them, and loses 1.3 points where
always taking English loses 10 (de Vries, Wieling & Nissim 2022): cheap rows keep the worth of a
task, not the winner.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from xstilts.core.fidelity import ALL
from xstilts.inference.dyads import in_own_languages

COLUMNS = [
    "target", "rows", "spearman", "best", "cheap_best", "same_best", "lost", "popular",
    "lost_popular",
]  # fmt: skip
NONE = "none"
# Fewer rows have no order worth a correlation.
FEWEST = 3


def compare_fidelities(
    full: pd.DataFrame, cheap: pd.DataFrame, without_languages: Collection[str] = ()
) -> pd.DataFrame:
    """A row per target that has intermediate tasks at both fidelities, and one of `ALL`, with the
    columns COLUMNS.

    `none`, whose gain is zero at either fidelity, is one of the `rows`. `best` and `cheap_best` are
    the rows with the largest full and cheap gain, `lost` the points of full gain that taking the
    cheap best costs; `popular` is the row with the largest mean gain over all other targets, and
    `lost_popular` what always taking it costs. Of `ALL` they are means over targets, `same_best` a
    share, `rows` the number of pairs of tasks. Without a target of at least one task, no rows.

    Args:
        full: gains of full runs, as gains.parquet.
        cheap: gains of cheap runs over cheap baselines, as gains.parquet.
        without_languages: languages that are no zero-shot transfer.
    """
    own, other = (_by_pair(table, without_languages) for table in (full, cheap))
    both = pd.concat([own, other], axis=1, keys=["full", "cheap"], join="inner")
    targets = {
        str(name): _with_none(rows.droplevel("target")) for name, rows in both.groupby("target")
    }
    compared = [
        (name, *_target(rows, _popular(name, targets))) for name, rows in sorted(targets.items())
    ]
    table = pd.DataFrame(compared, columns=COLUMNS)
    if table.empty:
        return table
    means = table[["spearman", "same_best", "lost", "lost_popular"]].astype(float).mean()
    total = {**means.to_dict(), "target": ALL, "rows": len(both)}
    return pd.concat([table, pd.DataFrame([total])[list(total)]], ignore_index=True)[COLUMNS]


def _by_pair(gains: pd.DataFrame, without_languages: Collection[str]) -> pd.Series:
    """Mean gain over languages, then over seeds, by intermediate and target task."""
    kept = gains[
        gains["gain"].notna()
        & (gains["intermediate"] != NONE)
        & ~gains["language"].isin(list(without_languages))
        & ~in_own_languages(gains)
    ]
    by_seed = kept.groupby(["intermediate", "target", "seed"])["gain"].mean()
    return by_seed.groupby(["intermediate", "target"]).mean()


def _with_none(rows: pd.DataFrame) -> pd.DataFrame:
    none = pd.DataFrame({"full": 0.0, "cheap": 0.0}, index=[NONE])
    return pd.concat([none, rows]).sort_index()


def _popular(target: str, targets: dict[str, pd.DataFrame]) -> str:
    """The row that is best on average over all targets but this one; of equal ones the first."""
    others = [rows["full"] for name, rows in targets.items() if name != target]
    if not others:
        return NONE
    means = pd.concat(others, axis=1).mean(axis=1)
    # What this target was not tried with cannot be taken for it.
    return str(means.reindex(targets[target].index).dropna().sort_index().idxmax())


def _target(rows: pd.DataFrame, popular: str) -> tuple[Any, ...]:
    full, cheap = rows["full"], rows["cheap"]
    best, cheap_best = str(full.idxmax()), str(cheap.idxmax())
    lost, lost_popular = (float(full[best] - full[taken]) for taken in (cheap_best, popular))
    ranked = len(rows) >= FEWEST and full.nunique() > 1 and cheap.nunique() > 1
    correlation = float(spearmanr(full, cheap).statistic) if ranked else np.nan
    # Rows of equal gain are equally good: who takes one of them has taken a best one.
    same = float(lost == 0)
    return len(rows), correlation, best, cheap_best, same, lost, popular, lost_popular
