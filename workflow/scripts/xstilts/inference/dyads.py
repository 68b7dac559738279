"""From gains per language and seed to the dyads that carry the similarity effect.

All languages of a dyad share one fine-tuned model, so a study of nine by nine tasks has 81
observations of similarity, however many rows its table of gains has. Seeds are averaged first:
with equal seeds per cell that loses nothing (it equals the model of all rows with a cell effect).
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import FROM
from xstilts.inference.analyses.families import Families
from xstilts.inference.centring import TwoWay

# They are no single task: the baseline, and the row that contains all others.
NOT_ONE_TASK = ("none", "multitask")
# In the names of rows that train on a task in another way (`mnli+mlm`, `ner@de`).
MARKS = ("+", FROM)
DYAD = ["intermediate", "target"]
# Below this a standard deviation is rounding error: every row of the target gained the same.
NO_SPREAD = 1e-9


def seed_means(gains: pd.DataFrame, without_languages: Collection[str] = ()) -> pd.DataFrame:
    """One row per intermediate, target and language: gain and score in points, averaged over seeds.

    `gains` has the columns of gains.parquet. Multi-task rows and variants (`mnli+mlm`, `ner@de`)
    are left out, as they contain or repeat other rows and are not exchangeable with them; so are
    rows without a gain, `without_languages` (English, which is no zero-shot transfer), and the
    language that a target's own training set is in.
    The result has also the number of `seeds` and `same_data`.
    """
    return by_seed(gains, without_languages).pipe(_over_seeds)


def by_seed(gains: pd.DataFrame, without_languages: Collection[str] = ()) -> pd.DataFrame:
    """The rows of `gains` that the tests use; see `seed_means`."""
    # The language of the target's own training set, which is no transfer either (`ner@de`).
    own = in_own_languages(gains)
    without = gains["language"].isin(list(without_languages)) | own
    kept = ~combined(gains["intermediate"]) & gains["gain"].notna() & ~without
    # In one order whatever the file's, so that sums are the same to the last bit.
    return gains[kept].sort_values([*DYAD, "language", "seed"], ignore_index=True)


def in_own_languages(gains: pd.DataFrame) -> np.ndarray:
    """Which rows are in the language that their target's own training set is in (`ner@de`)."""
    pairs = zip(gains["target"], gains["language"], strict=True)
    return np.array([str(target).endswith(f"{FROM}{code}") for target, code in pairs], bool)


def combined(rows: pd.Series) -> pd.Series:
    """Which rows are no single task as it came: others together, or one in another way."""
    varied = [rows.str.contains(mark, regex=False) for mark in MARKS]
    return rows.isin(NOT_ONE_TASK) | np.logical_or.reduce(varied)


def _over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    return (
        rows.groupby([*DYAD, "language"], sort=True)
        .agg(
            gain=("gain", "mean"),
            score=("score", "mean"),
            seeds=("seed", "nunique"),
            same_data=("same_data", "any"),
        )
        .reset_index()
        .astype({"same_data": bool})
    )


def task_similarity(similarity: pd.DataFrame, measure: str) -> pd.DataFrame:
    """intermediate, target, similarity and reliability of `measure` between tasks.

    A measure that is known per language alone is averaged over the languages.

    Raises:
        StudyError: the table has no such measure.
    """
    rows = similarity[similarity["measure"] == measure]
    if rows.empty:
        hint = nearest(measure, set(similarity["measure"])) if len(similarity) else ""
        raise StudyError(
            f"config, key 'similarity.primary': the study has no similarity measure "
            f"'{measure}'; {hint or 'name measures under similarity.'}"
        )
    whole = rows[rows["language"].isna()]
    table = rows if whole.empty else whole
    return (
        table.groupby(DYAD)[["similarity", "reliability"]]
        .mean()
        .dropna(subset="similarity")
        .reset_index()
    )


def dyads(
    rows: pd.DataFrame, similarity: pd.DataFrame, families: Families | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """One row per dyad that has both gain and similarity, in the units of the tests.

    `rows` is what `seed_means` made, `similarity` what `task_similarity` made of one measure.
    Gains are averaged over languages and standardised within target, so that targets whose gains
    are tens of points (BUCC, Tatoeba) do not decide the test alone; similarity is standardised
    over all dyads. Both take mean and standard deviation from dyads that are not of the same data:
    the gain of MNLI on XNLI, which is fine-tuned on MNLI, would stretch the scale of all others.
    `gain_scaled` is the gain in the same unit with the target's mean left in. Models take it, for
    they estimate that mean; with it taken out of gain but not of similarity, slopes would shrink.
    With `families`, the table has their columns too (see `families.COLUMNS`).

    Returns:
        The table (see `tables.dyads`), and a sentence for each target left out.
    """
    means = (
        rows.groupby(DYAD)
        .agg(
            gain=("gain", "mean"),
            score=("score", "mean"),
            same_data=("same_data", "any"),
            languages=("language", "nunique"),
            seeds=("seeds", "max"),
        )
        .reset_index()
    )
    table = means.merge(similarity, on=DYAD, how="inner").astype({"same_data": bool})
    table, problems = _within_target(table)
    table["similarity_standardised"] = _over_all(table)
    for name in ("gain", "similarity"):
        table[f"{name}_centred"] = double_centred(table, f"{name}_standardised")
    if families is not None:
        table = families.mark(table)
    return table.reset_index(drop=True), problems


def _within_target(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    other = table[~table["same_data"]].groupby("target")["gain"]
    scale = pd.DataFrame({"mean": other.mean(), "deviation": other.std(), "n": other.size()})
    usable = scale[(scale["deviation"] > NO_SPREAD) & (scale["n"] >= 3)]
    problems = [
        f"Target {target} is left out of the tests: its gains do not differ between intermediate "
        "tasks, or fewer than three intermediate tasks have one."
        for target in sorted(set(table["target"]) - set(usable.index))
    ]
    kept = table[table["target"].isin(usable.index)].copy()
    own = usable.reindex(kept["target"]).to_numpy(float)
    centre, kept["gain_scale"] = own[:, 0], own[:, 1]
    kept["gain_scaled"] = kept["gain"] / kept["gain_scale"]
    kept["gain_standardised"] = (kept["gain"] - centre) / kept["gain_scale"]
    return kept, problems


def _over_all(table: pd.DataFrame) -> pd.Series:
    other = table.loc[~table["same_data"], "similarity"]
    deviation = other.std()
    if not deviation > NO_SPREAD * max(1.0, abs(other.mean() if len(other) else 0.0)):
        return pd.Series(np.nan, index=table.index)
    return (table["similarity"] - other.mean()) / deviation


def double_centred(table: pd.DataFrame, column: str) -> np.ndarray:
    """What is left of `column` after the least-squares means of both tasks of each dyad."""
    if table.empty:
        return np.empty(0)
    values = table[column].to_numpy(float)
    if not np.isfinite(values).all():
        return np.full(len(values), np.nan)
    return two_way(table).residual(values)


def two_way(table: pd.DataFrame) -> TwoWay:
    """The effects of both tasks of each dyad."""
    return TwoWay(*(pd.factorize(table[name], sort=True)[0] for name in DYAD))


def standardised_rows(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """`rows` per language in the units of the dyads of `table`, with their similarity.

    `gain_standardised` is the gain less the target's mean in that language, in the target's
    standard deviations between intermediate tasks; `gain_scaled` keeps the mean.
    """
    wanted = table[[*DYAD, "similarity_standardised", "gain_scale"]]
    merged = rows.merge(wanted, on=DYAD, how="inner")
    other = merged[~merged["same_data"]]
    centre = other.groupby(["target", "language"])["gain"].mean().rename("centre").reset_index()
    merged = merged.merge(centre, on=["target", "language"], how="inner")
    merged["gain_scaled"] = merged["gain"] / merged["gain_scale"]
    merged["gain_standardised"] = (merged["gain"] - merged["centre"]) / merged["gain_scale"]
    return merged.drop(columns="centre")


def matrix(table: pd.DataFrame, column: str, names: tuple[list[str], list[str]]) -> np.ndarray:
    """`column` as intermediates x targets, in the order of `names`; NaN where there is no dyad."""
    wide = table.pivot(index="intermediate", columns="target", values=column)
    return wide.reindex(index=names[0], columns=names[1]).to_numpy(float)
