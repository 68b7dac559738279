"""What a study's tables say to whoever plans its next runs, as plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference.any_table import column_names, read_gains
from xstilts.inference.dyads import task_similarity
from xstilts.inference.engine import read_table
from xstilts.inference.prediction.belief import (
    CHEAP,
    CHEAP_DEVIATION,
    SLOPE,
    SLOPE_DEVIATION,
    believe,
)

SCENARIOS = 24
Pair = tuple[str, str]


@dataclass(frozen=True)
class Believed:
    """What is believed of the gains of pairs of tasks, in points.

    Attributes:
        scenarios: tables of gains that may be the true one.
        mean: expected gains.
        deviation: how far off that may be.
    """

    scenarios: list[dict[Pair, float]]
    mean: dict[Pair, float]
    deviation: dict[Pair, float]


def similarity_of_tasks(path: Path, measure: str) -> dict[Pair, float]:
    """Similarity by intermediate and target task, from a similarity.parquet.

    Raises:
        StudyError: the table cannot be read or has no such measure.
    """
    table = task_similarity(_read(path), measure)
    pairs = zip(table["intermediate"].astype(str), table["target"].astype(str), strict=True)
    return dict(zip(pairs, table["similarity"].astype(float), strict=True))


def gains_of_tasks(path: Path, without_languages: Sequence[str]) -> dict[Pair, float]:
    """Mean gain over languages and seeds by intermediate and target task; none without a table.

    Raises:
        StudyError: the table cannot be read.
    """
    if not path.is_file():
        return {}
    table = _read(path)
    kept = table[table["gain"].notna() & ~table["language"].isin(list(without_languages))]
    by_seed = kept.groupby(["intermediate", "target", "seed"])["gain"].mean()
    means = by_seed.groupby(["intermediate", "target"]).mean()
    return {(str(row), str(column)): float(gain) for (row, column), gain in means.items()}


def believed(
    rows: Sequence[str],
    columns: Sequence[str],
    measured: Mapping[Pair, float],
    similarity: Mapping[Pair, float],
    cheap: Mapping[Pair, float],
    seed: int,
) -> Believed:
    """What is believed of every pair of `rows` and `columns`.

    `measured` and `cheap` are gains in points, of full and of cheap runs; `seed` is of the draws.
    Where cheap gains are known, a target's level and the spread of gains are taken to be theirs
    until full ones say otherwise, so that a target that no cheap row helps is expected to be best
    served by none.
    """
    pairs = [(row, column) for row in rows for column in columns]

    def matrix(values: Mapping[Pair, float]) -> np.ndarray:
        numbers = [values.get(pair, np.nan) for pair in pairs]
        return np.array(numbers).reshape(len(rows), len(columns))

    predictors, priors = [], []
    for values, prior in (
        (similarity, (SLOPE, SLOPE_DEVIATION)),
        (cheap, (CHEAP, CHEAP_DEVIATION)),
    ):
        if values:
            predictors.append(matrix(values))
            priors.append(prior)
    random = np.random.default_rng(seed)
    level, spread = _units_of(matrix(cheap))
    belief = believe((matrix(measured) - level) / spread, predictors, random, SCENARIOS, priors)

    def by_pair(values: np.ndarray) -> dict[Pair, float]:
        return dict(zip(pairs, values.ravel().tolist(), strict=True))

    return Believed(
        [by_pair(level + spread * draw) for draw in belief.draws],
        by_pair(level + spread * belief.mean),
        by_pair(spread * belief.deviation),
    )


def _units_of(cheap: np.ndarray) -> tuple[np.ndarray, float]:
    """(columns,) Mean cheap gain of each column, and their spread within columns; 0 and 1 of none.

    A column without a cheap gain has the mean of all others.
    """
    seen = np.isfinite(cheap)
    if not seen.any():
        return np.zeros(cheap.shape[1]), 1.0
    counts = seen.sum(axis=0)
    sums = np.where(seen, cheap, 0.0).sum(axis=0)
    level = np.where(counts > 0, sums / np.maximum(counts, 1), sums.sum() / counts.sum())
    squares = (np.where(seen, cheap - level, 0.0) ** 2).sum()
    freedom = (counts - 1)[counts > 0].sum()
    return level, float(np.sqrt(squares / freedom)) if freedom and squares > 0 else 1.0


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read ({error}); delete it and run again.") from None


def gains_by_use(path: Path) -> dict[Pair, dict[str, float]]:
    """Mean gain over seeds by target and language, and in it by intermediate task.

    Raises:
        StudyError: the study has no gains yet.
    """
    if not path.is_file():
        raise StudyError(f"there are no gains yet ({path}): run the study first.")
    return _by_use(_read(path))


def gains_of_table(
    path: Path, columns: Sequence[str], baseline: str | None, lower_is_better: bool
) -> dict[Pair, dict[str, float]]:
    """As `gains_by_use`, of any table of transfer (see `answer_table`).

    Raises:
        StudyError: a file or a column is missing or holds what it must not.
    """
    names = column_names(columns)
    return _by_use(read_gains(read_table(path), names, baseline, lower_is_better).rows)


def _by_use(table: pd.DataFrame) -> dict[Pair, dict[str, float]]:
    kept = table[table["gain"].notna() & (table["intermediate"] != "none")]
    means = kept.groupby(["target", "language", "intermediate"])["gain"].mean()
    by_use: dict[Pair, dict[str, float]] = {}
    for (target, language, name), gain in means.items():
        by_use.setdefault((str(target), str(language)), {})[str(name)] = float(gain)
    return by_use
