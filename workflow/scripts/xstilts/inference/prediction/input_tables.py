"""The tables that `predict` is given: read, checked, and every mistake named with its file."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from xstilts.core.errors import StudyError, nearest
from xstilts.inference import any_table
from xstilts.inference.engine import column, numbers, read_table
from xstilts.inference.prediction.features import ALIASES


def read_gains(
    path: Path,
    names: Mapping[str, str],
    baseline: str | None = None,
    lower_is_better: bool = False,
) -> any_table.Gains:
    """gains.parquet, or any table of source, target (, language, seed) and gain or score.

    Args:
        path: CSV, TSV or Parquet.
        names: what the table calls a column, where not by its own name (see `any_table.NAMES`).
        baseline: the source whose score is taken from the others'.
        lower_is_better: the score is a loss.

    Raises:
        StudyError: the table cannot be read, or lacks one of them.
    """
    table = read_table(path)
    try:
        gains = any_table.read_gains(table, names, baseline, lower_is_better)
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None
    # Rows of many tasks at once are predicted too, and tests are not made here.
    problems = tuple(each for each in gains.problems if "left out of the tests" not in each)
    return any_table.Gains(gains.rows, problems)


def read_similarity(path: Path | None) -> pd.DataFrame:
    """similarity.parquet, or any table of (measure,) intermediate, target and similarity.

    None: no rows.

    Raises:
        StudyError: the table cannot be read, or lacks one of them.
    """
    if path is None:
        return pd.DataFrame(columns=["measure", "intermediate", "target", "similarity"])
    table = _checked(path, ("intermediate", "target"), "similarity")
    return table.assign(measure=table.get("measure", any_table.ONE_MEASURE))


def read_similarities(path: Path, others: Collection[str], side: str) -> pd.DataFrame:
    """Similarity of one new task to each of `others`: `side` and similarity.

    `side` is what the others are: "intermediate" for a new target, "target" for a new intermediate
    task.

    Raises:
        StudyError: the table cannot be read, names another task, or one twice.
    """
    table = _checked(path, (side,), "similarity")
    for name in table[side]:
        if name not in others:
            hint = nearest(name, others)
            raise StudyError(f"{path}: the study has no {side} task '{name}'; {hint}")
    twice = table.loc[table[side].duplicated(), side]
    if len(twice):
        raise StudyError(f"{path}: '{twice.iloc[0]}' stands there twice; keep one of the rows.")
    return table[[side, "similarity"]]


def _checked(path: Path, words: Sequence[str], amount: str) -> pd.DataFrame:
    table = read_table(path).rename(columns=ALIASES)
    try:
        amounts = numbers(table, amount)
        for name in words:
            if column(table, name).isna().any():
                raise StudyError(f"column '{name}' has blank cells: fill them")
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None
    return table.assign(**{name: table[name].astype(str) for name in words}, **{amount: amounts})
