"""The tables that `predict` is given: read, checked, and every mistake named with its file."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from xstilts.core.errors import StudyError, nearest
from xstilts.inference.engine import column, numbers, read_table


def read_gains(path: Path) -> pd.DataFrame:
    """gains.parquet, or any table of intermediate, target, language and gain (points).

    Raises:
        StudyError: the table cannot be read, or lacks one of them.
    """
    return _checked(path, ("intermediate", "target", "language"), "gain")


def read_similarity(path: Path) -> pd.DataFrame:
    """similarity.parquet, or any table of measure, intermediate, target and similarity.

    Raises:
        StudyError: the table cannot be read, or lacks one of them.
    """
    return _checked(path, ("measure", "intermediate", "target"), "similarity")


def read_similarities(path: Path, intermediates: Collection[str]) -> pd.DataFrame:
    """Similarity of one new target task to each of `intermediates`: intermediate, similarity.

    Raises:
        StudyError: the table cannot be read, names another task, or one twice.
    """
    table = _checked(path, ("intermediate",), "similarity")
    for name in table["intermediate"]:
        if name not in intermediates:
            hint = nearest(name, intermediates)
            raise StudyError(f"{path}: the study has no intermediate task '{name}'; {hint}")
    twice = table.loc[table["intermediate"].duplicated(), "intermediate"]
    if len(twice):
        raise StudyError(f"{path}: '{twice.iloc[0]}' stands there twice; keep one of the rows.")
    return table[["intermediate", "similarity"]]


def _checked(path: Path, words: Sequence[str], amount: str) -> pd.DataFrame:
    table = read_table(path)
    try:
        amounts = numbers(table, amount)
        for name in words:
            if column(table, name).isna().any():
                raise StudyError(f"column '{name}' has blank cells: fill them")
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None
    return table.assign(**{name: table[name].astype(str) for name in words}, **{amount: amounts})
