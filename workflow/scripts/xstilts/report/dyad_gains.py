"""From gains per language and seed to one gain with one interval per dyad."""

import numpy as np
import pandas as pd

from xstilts.core.run_noise import Stated, said_of, stated_deviation

NORMAL_95 = 1.96

INTERVAL = (
    "An interval is the gain ± 1.96 standard errors (95 %), over test items and training seeds. "
)
ITEMS_BY_BOOTSTRAP = (
    "Items: the standard deviation of the mean gain over bootstrap resamples of the items, "
    "paired with the baseline; an item that is drawn counts in every language that has it. "
)
ITEMS_BY_BOUND = (
    "Items: the mean of the standard errors of the languages and seeds, which is exact if they "
    "rise and fall together and an upper bound otherwise, since which items they share is not "
    "known here. "
)
SEEDS = (
    "Seeds: the variance between seeds, pooled over the target's intermediate tasks, divided by "
    "the number of seeds. "
)
ONE_SEED = (
    "This study has one seed, so the part for training seeds is missing: no interval says what "
    "another training run would give, and no gain is told from chance. "
)
STATED_SEEDS = (
    "Targets with one seed: twice the variance between training runs, of the row and of the "
    "baseline, as this study did not measure it but was told: standard deviation {said}. "
)
EVERYWHERE = (
    "The gain itself is the mean over languages of the mean over seeds, in the target's primary "
    "metric. Bold, “includes zero”, “tied” and the verdicts all go by this one interval."
)

COLUMNS = [
    "intermediate", "target", "gain", "low", "high", "languages", "seeds", "seeds_better",
    "seed_variance", "stated", "excludes_zero", "distinguishable", "same_data",
    "unlike_numerics",
]  # fmt: skip


def rule(dyads: pd.DataFrame, errors: pd.DataFrame, stated: Stated | None = None) -> str:
    """What every interval of a gain is over, in words, for readers of the page."""
    items = ITEMS_BY_BOUND if errors.empty else ITEMS_BY_BOOTSTRAP
    stated_dyads = dyads[dyads["stated"].astype(bool)]
    seeds = SEEDS if dyads["seeds"].max() > 1 else ""
    if len(stated_dyads):
        seeds += STATED_SEEDS.format(said=said_of(stated, stated_dyads["target"]))
    return INTERVAL + items + (seeds or ONE_SEED) + EVERYWHERE


def over_what(dyads: pd.DataFrame) -> str:
    """`over test items and 3 seeds`: what its intervals are over, for captions."""
    seeds = sorted(set(dyads["seeds"]))
    if not seeds or seeds[-1] < 2:
        if dyads["stated"].any():
            return "over test items and training runs as stated (one seed)"
        return "over test items alone (one seed)"
    return f"over test items and {'–'.join(map(str, dict.fromkeys([seeds[0], seeds[-1]])))} seeds"


def summarise(
    gains: pd.DataFrame, errors: pd.DataFrame | None = None, stated: Stated | None = None
) -> pd.DataFrame:
    """One row per dyad from one row per intermediate, target, language and seed.

    `gains` has the columns intermediate, target, language, seed, gain, low, high, same_data, in
    points of the 0-100 scale; `errors` target, first, second, error: the error, over test items,
    of the difference of two rows; `stated` how much scores vary between training runs, for targets
    that were run with one seed. Rows without a gain (a diverged cell) are left out. The result has
    the columns `COLUMNS`: gain with its 95 % interval [low, high], the numbers of languages, of
    seeds and of seeds with a gain above zero, the seeds' part of its variance, whether that is the
    stated one, whether the interval excludes zero, and whether the gain is distinguishable from
    zero: if it does and seeds, or what is stated, tell of the runs, since intervals over test items
    alone hold the truth of another training run in 50 to 70 of 100 cases.

    Where a dyad has no error of its own, that of test items is bounded: for any correlation of the
    estimates X_i, sd(mean X_i) <= mean sd(X_i), with equality when all correlate perfectly;
    parallel test sets have the same items in each language and seeds share all items, so the usual
    sqrt(sum of variances)/n would be too small. The variance between seeds (training, not items)
    is added; it is pooled within a target, as two or three seeds give no usable variance each.
    """
    rows = gains.dropna(subset=["gain"])
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    table = _means(rows)
    known = _errors_over_baseline(errors)
    keys = pd.MultiIndex.from_frame(table[["intermediate", "target"]])
    items = pd.Series(known.reindex(keys).to_numpy(), table.index).fillna(table["error"])
    training = table["target"].map(_seed_variance(rows)) / table["seeds"]
    # Of one seed: the row and the baseline are a run each.
    deviations = [stated_deviation(stated, target) for target in table["target"]]
    stated_variance = 2 * pd.Series(deviations, table.index, dtype=float) ** 2 / table["seeds"]
    table["stated"] = training.isna() & stated_variance.notna()
    training = training.fillna(stated_variance)
    table["seed_variance"] = training.fillna(0.0)
    half = NORMAL_95 * np.sqrt(items**2 + table["seed_variance"])
    table["low"], table["high"] = table["gain"] - half, table["gain"] + half
    table["excludes_zero"] = (table["low"] > 0) | (table["high"] < 0)
    table["distinguishable"] = table["excludes_zero"] & training.notna()
    return table[COLUMNS]


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Gain, bound of its error, counts and marks of each dyad."""
    dyad = ["intermediate", "target"]
    rows = rows.assign(error=(rows["high"] - rows["low"]) / (2 * NORMAL_95))
    # An unknown error must stay unknown: a mean that skips it would look more certain than it is.
    by_language = rows.groupby([*dyad, "language"])[["gain", "error"]].mean(skipna=False)
    table = by_language.groupby(dyad).mean(skipna=False)
    grouped = rows.groupby(dyad)
    table["languages"] = grouped["language"].nunique()
    table["seeds"] = grouped["seed"].nunique()
    above = rows.groupby([*dyad, "seed"])["gain"].mean() > 0
    table["seeds_better"] = above.groupby(dyad).sum()
    table["same_data"] = grouped["same_data"].any().astype(bool)
    # Gains of other origin do not say what they were computed with.
    marked = rows.get("unlike_numerics", pd.Series(False, rows.index)).astype(bool)
    table["unlike_numerics"] = marked.groupby([rows[name] for name in dyad]).any()
    return table.reset_index()


def _errors_over_baseline(errors: pd.DataFrame | None) -> pd.Series:
    """(intermediate, target) -> error of the difference from the baseline over items."""
    if errors is None or errors.empty:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []]))
    return pd.concat(
        [
            errors[errors[baseline] == "none"].set_index([row, "target"])["error"]
            for baseline, row in (("first", "second"), ("second", "first"))
        ]
    )


def _seed_variance(rows: pd.DataFrame) -> pd.Series:
    """Variance between seeds of a dyad's mean gain, averaged over each target's dyads."""
    by_seed = rows.groupby(["target", "intermediate", "seed"])["gain"].mean()
    return by_seed.groupby(["target", "intermediate"]).var(ddof=1).groupby("target").mean()


LANGUAGE_COLUMNS = [
    "intermediate", "target", "language", "gain", "low", "high", "score", "baseline", "seeds",
]  # fmt: skip


def by_language(gains: pd.DataFrame) -> pd.DataFrame:
    """One row per dyad and language: means over seeds, with an interval over items and seeds.

    Takes what `summarise` takes, with `score` and `baseline`; gives `LANGUAGE_COLUMNS`. The part
    for items is not divided by the number of seeds, because all seeds answer the same test items;
    the variance between seeds is pooled over all languages and rows of the target.
    """
    rows = gains.dropna(subset=["gain"])
    if rows.empty:
        return pd.DataFrame(columns=LANGUAGE_COLUMNS)
    keys = ["intermediate", "target", "language"]
    grouped = rows.assign(error=(rows["high"] - rows["low"]) / (2 * NORMAL_95)).groupby(keys)
    numbers = ["gain", "error", "score", "baseline"]
    table = grouped[numbers].mean(skipna=False)
    table["seeds"] = grouped["seed"].nunique()
    between = grouped["gain"].var(ddof=1).groupby("target").mean()
    table = table.reset_index()
    training = (table["target"].map(between) / table["seeds"]).fillna(0.0)
    half = NORMAL_95 * np.sqrt(table["error"] ** 2 + training)
    table["low"], table["high"] = table["gain"] - half, table["gain"] + half
    return table[LANGUAGE_COLUMNS]
