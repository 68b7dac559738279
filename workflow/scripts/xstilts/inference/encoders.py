"""Several encoders as replicates of one grid: the joint tables, and how far the encoders agree.

An encoder stands where a study of one encoder has its seeds: each pair of tasks has one gain with
each encoder (the mean of its seeds), and what they vary by around their mean is an encoder's own.
So every analysis of one encoder's study holds for the mean over encoders; it speaks of tasks like
these with the encoders of the study, and two or three of them say little of any other encoder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from mixed_models.random_terms import RandomTerm
from xstilts.core.errors import StudyError
from xstilts.inference.analyses.ceiling import seed_components
from xstilts.inference.analyses.headline import codes
from xstilts.inference.dyads import DYAD, by_seed, double_centred, dyads, seed_means
from xstilts.inference.encoder_tables import AGREEMENT, OVER_ALL, SLOPES, VARIANCE
from xstilts.inference.engine import fit
from xstilts.inference.languages import SEEN, SIZE
from xstilts.inference.run import Inference, Inputs, infer
from xstilts.inference.table_files import as_table

Tables = Mapping[str, pd.DataFrame]
KEYS = [*DYAD, "language"]
# Random effects of gains of several encoders, by the columns whose levels they have. A pair of
# tasks with one encoder has one row, so that `ENCODER_DYAD` is the residual.
GROUPS = {
    "intermediate": ("intermediate",),
    "target": ("target",),
    "dyad": ("intermediate", "target"),
    "encoder:intermediate": ("encoder", "intermediate"),
    "encoder:target": ("encoder", "target"),
}
ENCODER_DYAD, RUN = "encoder:dyad", "run"


def joined(tables: Tables) -> pd.DataFrame:
    """The tables of the encoders below one another, with a first column `encoder`."""
    own = [table.assign(encoder=name) for name, table in tables.items()]
    table = pd.concat(own, ignore_index=True)
    return table[["encoder", *table.columns.drop("encoder")]]


def as_replicates(gains: Tables) -> tuple[pd.DataFrame, list[str]]:
    """Gains with the encoder's number in place of the seed, as one encoder's study has them.

    `gains` are the encoders' gains.parquet. Seeds are averaged first, also the ends of intervals,
    which bounds the error over test items (see `report.dyad_gains`). A pair of tasks in a language
    that some encoder has no gain of is left out, so that all means are over the same encoders.

    Returns:
        The gains, and a sentence on each encoder without some of them.
    """
    means = {name: _seed_means(table) for name, table in gains.items()}
    own = {name: set(map(tuple, table[KEYS].to_numpy())) for name, table in means.items()}
    common = set.intersection(*own.values())
    pairs = set().union(*own.values())
    problems = [
        f"{name} has no gain in {len(pairs - keys)} of {len(pairs)} pairs of tasks and languages: "
        "they are left out of everything that is said over all encoders."
        for name, keys in own.items()
        if pairs - keys
    ]
    parts = [
        table[[key in common for key in map(tuple, table[KEYS].to_numpy())]].assign(seed=number)
        for number, table in enumerate(means.values(), start=1)
    ]
    return pd.concat(parts, ignore_index=True), problems


def _seed_means(gains: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in ("baseline", "score", "gain", "low", "high") if name in gains]
    known = gains[gains["gain"].notna()]
    grouped = known.groupby(KEYS, sort=True)
    means = grouped[columns].mean().assign(same_data=grouped["same_data"].any().astype(bool))
    return means.reset_index()


def mean_similarity(tables: Tables) -> pd.DataFrame:
    """Mean similarity over the encoders, each put on their common mean and deviation before.

    Measures of text do not depend on the encoder and stay as they are; of the others (Fisher
    information, LogME) every encoder has its own scale. Pairs that an encoder lacks are left out.
    """
    keys = ["measure", "intermediate", "target", "language"]
    scaled = reduce(
        lambda left, right: left.merge(right, on=keys),
        (_marked(table, keys, number) for number, table in enumerate(tables.values())),
    )
    count = len(tables)
    means = scaled[keys].copy()
    groups = [scaled["measure"], scaled["language"].isna()]
    values = scaled[[f"similarity_{k}" for k in range(count)]]
    centres = [values[name].groupby(groups).transform("mean") for name in values]
    spreads = [values[name].groupby(groups).transform("std", ddof=0) for name in values]
    centre, spread = sum(centres) / count, sum(spreads) / count
    for name in ("similarity", "low", "high"):
        own = [
            centre + (scaled[f"{name}_{k}"] - centres[k]) * (spread / spreads[k]).fillna(1.0)
            for k in range(count)
        ]
        means[name] = sum(own) / count
    means["reliability"] = scaled[[f"reliability_{k}" for k in range(count)]].mean(axis=1)
    return means


def _marked(table: pd.DataFrame, keys: list[str], number: int) -> pd.DataFrame:
    values = ["similarity", "low", "high", "reliability"]
    return table[[*keys, *values]].rename(columns={name: f"{name}_{number}" for name in values})


def shared_languages(tables: Tables) -> tuple[pd.DataFrame, list[str]]:
    """The languages, with what the encoders have read of each only where that is the same.

    Returns:
        The table, and a sentence where it is not.
    """
    first, *others = tables.values()
    own = [SEEN, SIZE]
    facts = first.set_index("language")
    unlike = [
        code
        for code in facts.index
        for other in others
        if not facts.loc[code, own].equals(other.set_index("language").loc[code, own])
    ]
    if not unlike:
        return first, []
    table = first.copy()
    table[own] = np.nan
    return table, [
        f"The encoders have not read the same text ({len(set(unlike))} of {len(first)} languages): "
        "what a language's share in it does is asked on each encoder's own page alone."
    ]


def dyads_of(gains: pd.DataFrame, without_languages: list[str]) -> pd.DataFrame:
    """The pairs of tasks of one encoder, with gains on their targets' scales."""
    rows = seed_means(gains, without_languages)
    unknown = {"similarity": np.nan, "reliability": np.nan}
    return dyads(rows, rows[DYAD].drop_duplicates().assign(**unknown))[0]


def agreement(of_encoders: Tables) -> Iterator[dict[str, Any]]:
    """Rows of `encoder_agreement`: every pair of encoders, over the pairs of tasks of both.

    `gains` is the correlation of the gains on their targets' scales, target means taken out.
    `match` that of what is left after both tasks' means, the part that only the pair has; between
    independent normal values that are centred by r rows and c columns, it is a correlation with
    (r - 1)(c - 1) degrees of freedom, whose interval is Fisher's (1921), Metron 1.
    """
    for (name_a, a), (name_b, b) in combinations(of_encoders.items(), 2):
        both = a.merge(b, on=DYAD, suffixes=("_a", "_b"))
        sides = [both[[*DYAD]].assign(gain=both[f"gain_standardised_{s}"]) for s in "ab"]
        parts = [double_centred(side, "gain") for side in sides]
        match = _correlation(*parts)
        free = len(both) - both["intermediate"].nunique() - both["target"].nunique() + 1
        low, high = _fisher(match, free)
        yield {
            "encoder_a": name_a,
            "encoder_b": name_b,
            "pairs": len(both),
            "gains": _correlation(*(side["gain"].to_numpy() for side in sides)),
            "match": match,
            "match_low": low,
            "match_high": high,
        }


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 3 or not (np.std(first) > 1e-9 and np.std(second) > 1e-9):
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _fisher(correlation: float, free: int) -> tuple[float, float]:
    if free < 3 or not abs(correlation) < 1:
        return float("nan"), float("nan")
    half = stats.norm.ppf(0.975) / np.sqrt(free - 2)
    middle = np.arctanh(correlation)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))


def variance(
    of_encoders: Tables, gains: Tables, without_languages: list[str]
) -> list[dict[str, Any]]:
    """Rows of `encoder_variance`, in squared standard deviations within target; none without a fit.

    Encoders differ in their mean gain as fixed effects. `dyad` is what a pair of tasks has beyond
    both with every encoder, `encoder:dyad` what it has with one alone; with one seed the noise of
    runs is in that, with more it stands beside it as `run`.
    """
    table = joined(of_encoders)
    names = list(of_encoders)
    design = np.column_stack([table["encoder"] == name for name in names]).astype(float)
    random = [RandomTerm(name, codes(table, *keys)) for name, keys in GROUPS.items()]
    try:
        fitted = fit(table["gain_scaled"].to_numpy(float), design, random)
    except StudyError:
        return []
    variances = {name: fitted.variances.get(name, 0.0) for name in GROUPS}
    variances[ENCODER_DYAD] = fitted.residual_variance
    runs = [
        _run_variance(of_encoders[name], gains[name], without_languages) for name in of_encoders
    ]
    if all(run is not None for run in runs):
        variances[RUN] = float(np.mean([run for run in runs if run is not None]))
        seeds = float(table["seeds"].mean())
        variances[ENCODER_DYAD] = max(variances[ENCODER_DYAD] - variances[RUN] / seeds, 0.0)
    total = sum(variances.values())
    return [
        {"component": name, "variance": value, "share": value / total if total else np.nan}
        for name, value in variances.items()
    ]


def _run_variance(
    table: pd.DataFrame, gains: pd.DataFrame, without_languages: list[str]
) -> float | None:
    means = by_seed(gains, without_languages).groupby([*DYAD, "seed"])["gain"].mean().reset_index()
    merged = means.merge(table[[*DYAD, "gain_scale"]], on=DYAD)
    merged["gain_scaled"] = merged["gain"] / merged["gain_scale"]
    parts = seed_components(merged, "gain_scaled")
    return None if parts is None else parts[RUN]


def common_share(rows: list[dict[str, Any]]) -> float | None:
    """The share of what a pair of tasks has beyond both that is common to the encoders."""
    variances = {row["component"]: row["variance"] for row in rows}
    whole = variances.get("dyad", 0.0) + variances.get(ENCODER_DYAD, 0.0)
    return variances["dyad"] / whole if whole > 0 else None


def slopes(summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of `encoder_slopes`, from what each `inference.json` says, by encoder."""
    for name, summary in summaries.items():
        headline, match = (summary.get(key) or {} for key in ("headline", "match"))
        yield {
            "encoder": name,
            "slope": headline.get("estimate"),
            "low": headline.get("low"),
            "high": headline.get("high"),
            "p": headline.get("p"),
            "match": match.get("estimate"),
            "match_p": match.get("p"),
            "pairs": headline.get("n") or match.get("n") or 0,
        }


@dataclass(frozen=True)
class OfEncoder:
    """What one encoder's study says: its gains, similarity, languages and inference.json."""

    gains: pd.DataFrame
    similarity: pd.DataFrame
    languages: pd.DataFrame
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Joint:
    """What is said over all encoders.

    Attributes:
        gains: of all encoders, with the column `encoder`.
        replicates: gains with the encoder's number as the seed (see `as_replicates`).
        similarity, languages: what the inference stands on.
        inference: of the mean over encoders; its summary has also `encoders`, their names, and
            `common_share` (see there).
        tables: those of `encoder_tables`, by name.
    """

    gains: pd.DataFrame
    replicates: pd.DataFrame
    similarity: pd.DataFrame
    languages: pd.DataFrame
    inference: Inference
    tables: dict[str, pd.DataFrame]


def join(encoders: Mapping[str, OfEncoder], config: Mapping[str, Any], **others: Any) -> Joint:
    """All joint tables of the `encoders`, by name.

    `config` holds the keys under `inference` in the study's config, `others` what `Inputs` has
    besides gains, similarity and languages.

    Raises:
        StudyError: the study has no such primary measure.
    """
    gains = {name: own.gains for name, own in encoders.items()}
    replicates, lacking = as_replicates(gains)
    similarity = mean_similarity({name: own.similarity for name, own in encoders.items()})
    languages, unlike = shared_languages({name: own.languages for name, own in encoders.items()})
    inference = infer(Inputs(replicates, similarity, languages, **others), config)
    without = list(config["without_languages"])
    pairs = {name: dyads_of(own, without) for name, own in gains.items()}
    parts = variance(pairs, gains, without)
    summary = inference.summary | {
        "encoders": list(encoders),
        "common_share": common_share(parts),
        "problems": [*lacking, *unlike, *map(_of_encoders, inference.summary["problems"])],
    }
    summaries = {name: own.summary for name, own in encoders.items()} | {OVER_ALL: summary}
    tables = {
        AGREEMENT.name: as_table(AGREEMENT, agreement(pairs)),
        VARIANCE.name: as_table(VARIANCE, parts),
        SLOPES.name: as_table(SLOPES, slopes(summaries)),
    }
    over_all = replace(inference, summary=summary)
    return Joint(joined(gains), replicates, similarity, languages, over_all, tables)


def _of_encoders(problem: str) -> str:
    """A sentence on one encoder's seeds as one on encoders."""
    return problem.replace("seeds", "encoders").replace("one seed", "one encoder")
