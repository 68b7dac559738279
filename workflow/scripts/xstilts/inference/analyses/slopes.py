"""Slopes of gain on similarity for each target and for each language, with bootstrap intervals.

Descriptions, not tests: all targets share the intermediate tasks and all languages share both, so
tasks are resampled, jointly for all targets (the pigeonhole bootstrap, Owen 2007, Annals of Applied
Statistics 1). Resampling targets or languages alone would give intervals far too short.
"""

import numpy as np
import pandas as pd

from xstilts.inference.analyses.headline import SIMILARITY
from xstilts.inference.dyads import matrix

FEWEST_TASKS = 3
GAIN = "gain_standardised"
LANGUAGE_FACTS = {
    "name": "name",
    "family": "family_glottolog",
    "joshi_class": "joshi_class",
    "pretraining_gib": "pretraining_GiB",
    "in_pretraining": "in_pretraining",
}


def target_slopes(table: pd.DataFrame, bootstrap: int, seed: int) -> list[dict[str, object]]:
    """One row per target: slope over intermediate tasks and Spearman's correlation.

    In standard deviations; dyads of the same data are left out.
    """
    other = table[~table["same_data"]]
    names = _tasks(other)
    similarity, gain = (matrix(other, column, names) for column in (SIMILARITY, GAIN))
    draws = _counts(len(names[0]), bootstrap, np.random.default_rng(seed))
    rows = []
    for column, target in enumerate(names[1]):
        x, y = similarity[:, [column]], gain[:, [column]]
        one = np.ones((1, 1))
        slope, low, high = _estimate(x, y, draws, np.ones((bootstrap, 1)), one)
        rank, rank_low, rank_high = _rank_estimate(x[:, 0], y[:, 0], draws)
        rows.append(
            {
                "target": target,
                "slope": slope,
                "low": low,
                "high": high,
                "spearman": rank,
                "spearman_low": rank_low,
                "spearman_high": rank_high,
                "dyads": int(np.isfinite(y).sum()),
            }
        )
    return rows


def language_slopes(
    rows: pd.DataFrame, languages: pd.DataFrame, bootstrap: int, seed: int
) -> list[dict[str, object]]:
    """One row per language: slope pooled within its targets, mean gain in points, its facts.

    `rows` come from `standardised_rows`. Dyads of the same data are left out of the slope.
    """
    other = rows[~rows["same_data"]]
    names = _tasks(other)
    random = np.random.default_rng(seed)
    of_rows, of_columns = (_counts(len(side), bootstrap, random) for side in names)
    facts = languages.drop_duplicates("language").set_index("language")
    slopes = []
    for language, part in rows.groupby("language"):
        own = other[other["language"] == language]
        x, y = (matrix(own, column, names) for column in (SIMILARITY, GAIN))
        used = np.isfinite(y).any(axis=0).astype(float)[None, :]
        slope, low, high = _estimate(x, y, of_rows, of_columns, used)
        known = facts.loc[language] if language in facts.index else {}
        slopes.append(
            {"language": language}
            | {name: known.get(source) for name, source in LANGUAGE_FACTS.items()}
            | {"slope": slope, "low": low, "high": high}
            | {"gain": part["gain"].mean(), "rows": len(part)}
        )
    return slopes


def _tasks(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    return sorted(set(table["intermediate"])), sorted(set(table["target"]))


def _counts(tasks: int, bootstrap: int, random: np.random.Generator) -> np.ndarray:
    """How often each task is drawn in each resample, (bootstrap, tasks)."""
    return random.multinomial(tasks, np.full(tasks, 1 / max(tasks, 1)), size=bootstrap).astype(
        float
    )


def _estimate(
    x: np.ndarray, y: np.ndarray, rows: np.ndarray, columns: np.ndarray, used: np.ndarray
) -> tuple[float, float, float]:
    """Slope within columns, with the 95 % interval of its resamples; NaN for too few tasks."""
    seen = np.isfinite(x) & np.isfinite(y)
    if seen.any(axis=1).sum() < FEWEST_TASKS:
        return (np.nan,) * 3
    whole = _pooled(x, y, np.ones((1, len(x))), used)[0]
    low, high = _interval(_pooled(x, y, rows, columns))
    return float(whole), low, high


def _pooled(x: np.ndarray, y: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Weighted slopes of y on x, both centred within column, one for each row of weights.

    x and y are (intermediates, targets) with NaN where there is nothing.
    """
    seen = np.isfinite(x) & np.isfinite(y)
    x, y = np.where(seen, x, 0.0), np.where(seen, y, 0.0)
    total = rows @ seen
    safe = np.where(total > 0, total, 1.0)
    products = rows @ (x * y) - (rows @ x) * (rows @ y) / safe
    squares = rows @ (x * x) - (rows @ x) ** 2 / safe
    above, below = (products * columns).sum(axis=1), (squares * columns).sum(axis=1)
    return np.where(below > 1e-9, above / np.where(below > 1e-9, below, 1.0), np.nan)


def _rank_estimate(x: np.ndarray, y: np.ndarray, draws: np.ndarray) -> tuple[float, float, float]:
    seen = np.isfinite(x) & np.isfinite(y)
    if seen.sum() < FEWEST_TASKS:
        return (np.nan,) * 3
    x, y = x[seen], y[seen]
    whole = weighted_spearman(x, y, np.ones((1, len(x))))[0]
    return (float(whole), *_interval(weighted_spearman(x, y, draws[:, seen])))


def weighted_spearman(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Spearman's correlation of x and y where point i stands counts[b, i] times, (bootstrap,)."""
    first, second = (_midranks(values, counts) for values in (x, y))
    total = counts.sum(axis=1, keepdims=True)
    total = np.where(total > 0, total, 1.0)
    first = first - (counts * first).sum(axis=1, keepdims=True) / total
    second = second - (counts * second).sum(axis=1, keepdims=True) / total
    size = np.sqrt((counts * first**2).sum(axis=1) * (counts * second**2).sum(axis=1))
    product = (counts * first * second).sum(axis=1)
    return np.where(size > 1e-9, product / np.where(size > 1e-9, size, 1.0), np.nan)


def _midranks(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    below = np.less.outer(values, values).astype(float)
    equal = np.equal.outer(values, values).astype(float)
    return counts @ (below + equal / 2)


def _interval(draws: np.ndarray) -> tuple[float, float]:
    if np.isfinite(draws).sum() < len(draws) / 2:
        return np.nan, np.nan
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)
