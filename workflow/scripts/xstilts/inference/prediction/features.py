"""Numbers of one's own that may predict gains: of a task, a language, or a pair of them.

A feature of targets or languages may say how much any intermediate task helps there. One that
intermediate tasks have may say which of them helps more than others; what it says is then its
distance from the study's own intermediate tasks in the same place, and the place has their mean.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference.engine import column, numbers, read_table

KEYS = ("intermediate", "target", "language")
ALIASES = {"source": "intermediate"}
# Columns of rows that hold features begin so: of the level, and of the contrast of intermediates.
LEVEL, CONTRAST = "level feature ", "contrast feature "


@dataclass(frozen=True, eq=False)
class Features:
    """One row for each combination of `keys`, with the numbers `columns`; NaN where unknown."""

    table: pd.DataFrame
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    source: str

    def names(self, key: str) -> set[str]:
        """The tasks or languages that it knows; none if it has no such key."""
        return set(self.table[key]) if key in self.keys else set()

    def put(self, rows: pd.DataFrame, intermediates: Collection[str]) -> pd.DataFrame:
        """`rows` with the features of each; `intermediates` are those of the study."""
        joined = rows.merge(self.table, on=list(self.keys), how="left", validate="many_to_one")
        joined.index = rows.index
        values = joined[list(self.columns)]
        if "intermediate" not in self.keys:
            return rows.assign(**{LEVEL + name: values[name] for name in self.columns})
        means = self._means(rows, intermediates)
        levels = rows.assign(**{LEVEL + name: means[name] for name in self.columns})
        return levels.assign(
            **{CONTRAST + name: values[name] - means[name] for name in self.columns}
        )

    def _means(self, rows: pd.DataFrame, intermediates: Collection[str]) -> pd.DataFrame:
        """Of each feature over the study's intermediate tasks, where each row is."""
        own = self.table[self.table["intermediate"].isin(list(intermediates))]
        others = [key for key in self.keys if key != "intermediate"]
        if not others:
            whole = own[list(self.columns)].mean()
            return pd.DataFrame(np.tile(whole, (len(rows), 1)), rows.index, list(self.columns))
        means = own.groupby(others, as_index=False)[list(self.columns)].mean()
        joined = rows[others].merge(means, on=others, how="left", validate="many_to_one")
        joined.index = rows.index
        return joined[list(self.columns)]


def read_features(path: Path) -> Features:
    """A table of intermediate (or source), target, language, or some of them, and of numbers.

    Raises:
        StudyError: it cannot be read, has no such column or no other, a blank key, one
            combination twice, or something that is no number.
    """
    table = read_table(path).rename(columns=ALIASES)
    keys = tuple(key for key in KEYS if key in table.columns)
    columns = tuple(str(name) for name in table.columns if name not in keys)
    if not keys or not columns:
        raise StudyError(
            f"{path}: a table of features has a column 'intermediate', 'target' or 'language' (or "
            "several) that says whose they are, and a column for each feature."
        )
    try:
        values = {name: numbers(table, name).to_numpy() for name in columns}
        for key in keys:
            if column(table, key).isna().any():
                raise StudyError(f"column '{key}' has blank cells: fill them")
            values[key] = table[key].astype(str).to_numpy(object)
    except StudyError as error:
        raise StudyError(f"{path}: {error}") from None
    made = pd.DataFrame(values)
    twice = made.duplicated(list(keys))
    if twice.any():
        first = " ".join(made.loc[twice, list(keys)].iloc[0])
        raise StudyError(f"{path}: {first} stands there twice; keep one of the rows.")
    return Features(made, keys, columns, str(path))


def feature_gaps(features: Sequence[Features], rows: pd.DataFrame) -> Iterator[str]:
    """A sentence on each feature that some of `rows` lack."""
    for each in features:
        joined = rows.merge(each.table, on=list(each.keys), how="left")
        for name in each.columns:
            lacking = joined[joined[name].isna()]
            if len(lacking):
                whose = sorted({" ".join(row) for row in lacking[list(each.keys)].to_numpy()})
                shown = ", ".join(whose[:5]) + (" and others" if len(whose) > 5 else "")
                yield (f"{each.source} has no {name} of {shown}: predicted as at the average.")
