"""From gains per language and seed to one gain with an interval per dyad."""

import numpy as np
import pandas as pd

NORMAL_95 = 1.96

RULE = (
    "The gain of a dyad is the mean over languages of the mean over seeds. Its 95 % interval "
    "is gain ± 1.96 standard errors. The part for the choice of test items is the mean of the "
    "standard errors of the languages and seeds (each the width of a 95 % paired-bootstrap "
    "interval over examples, divided by 3.92): the exact error if the languages rise and fall "
    "together, and an upper bound otherwise. Nothing smaller is safe, because parallel test sets "
    "ask the same items in every language and all seeds share them. With two or more seeds, a part "
    "for the training run is added: the variance between seeds, pooled over the target's "
    "intermediate tasks, divided by the number of seeds. With one seed the interval says nothing "
    "about another training run, so that no gain is called distinguishable from zero."
)
"""The rule of `summarise` in words, for readers of the page."""

COLUMNS = [
    "intermediate", "target", "gain", "low", "high", "languages", "seeds", "excludes_zero",
    "distinguishable", "same_data", "unlike_numerics",
]  # fmt: skip


def summarise(gains: pd.DataFrame) -> pd.DataFrame:
    """One row per dyad from one row per intermediate, target, language and seed.

    `gains` has the columns intermediate, target, language, seed, gain, low, high, same_data, in
    points of the 0-100 scale. Rows without a gain (a diverged cell) are left out. The result has
    the columns `COLUMNS`: gain with its 95 % interval [low, high], the numbers of languages and
    seeds behind it, whether the interval excludes zero, and whether the gain is distinguishable
    from zero: if it does and the target's runs were made with several seeds, since intervals over
    test items alone hold the truth of another training run in 50 to 70 of 100 cases.

    The interval is conservative. For any correlation of the estimates X_i,
    sd(mean X_i) <= mean sd(X_i), with equality when all correlate perfectly; parallel test sets
    have the same items in each language and seeds share all items, so the usual
    sqrt(sum of variances)/n would be too small. The variance between seeds (training, not items)
    is added; it is pooled within a target, as two or three seeds give no usable variance each.
    """
    rows = gains.dropna(subset=["gain"])
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    dyad = ["intermediate", "target"]
    rows = rows.assign(error=(rows["high"] - rows["low"]) / (2 * NORMAL_95))
    # An unknown error must stay unknown: a mean that skips it would look more certain than it is.
    by_language = rows.groupby([*dyad, "language"])[["gain", "error"]].mean(skipna=False)
    table = by_language.groupby(dyad).mean(skipna=False)
    grouped = rows.groupby(dyad)
    table["languages"] = grouped["language"].nunique()
    table["seeds"] = grouped["seed"].nunique()
    table["same_data"] = grouped["same_data"].any().astype(bool)
    # Gains of other origin do not say what they were computed with.
    marked = rows.get("unlike_numerics", pd.Series(False, rows.index)).astype(bool)
    table["unlike_numerics"] = marked.groupby([rows[name] for name in dyad]).any()
    table = table.reset_index()
    training = table["target"].map(_seed_variance(rows)) / table["seeds"]
    half = NORMAL_95 * np.sqrt(table["error"] ** 2 + training.fillna(0.0))
    table["low"], table["high"] = table["gain"] - half, table["gain"] + half
    table["excludes_zero"] = (table["low"] > 0) | (table["high"] < 0)
    table["distinguishable"] = table["excludes_zero"] & training.notna()
    return table[COLUMNS]


def _seed_variance(rows: pd.DataFrame) -> pd.Series:
    """Variance between seeds of a dyad's mean gain, averaged over each target's dyads."""
    by_seed = rows.groupby(["target", "intermediate", "seed"])["gain"].mean()
    return by_seed.groupby(["target", "intermediate"]).var(ddof=1).groupby("target").mean()


LANGUAGE_COLUMNS = [
    "intermediate", "target", "language", "gain", "low", "high", "score", "baseline", "seeds",
]  # fmt: skip


def by_language(gains: pd.DataFrame) -> pd.DataFrame:
    """One row per dyad and language: means over seeds, with the mean width of the intervals.

    Takes what `summarise` takes, with `score` and `baseline`; gives `LANGUAGE_COLUMNS`. The width
    is not divided by the number of seeds, because all seeds answer the same test items.
    """
    rows = gains.dropna(subset=["gain"])
    if rows.empty:
        return pd.DataFrame(columns=LANGUAGE_COLUMNS)
    grouped = rows.groupby(["intermediate", "target", "language"])
    numbers = ["gain", "low", "high", "score", "baseline"]
    means = grouped[numbers].agg(lambda values: values.mean(skipna=False))
    means["seeds"] = grouped["seed"].nunique()
    return means.reset_index()[LANGUAGE_COLUMNS]
