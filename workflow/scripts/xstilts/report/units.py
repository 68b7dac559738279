"""How a column of a table is written, and whether it holds what its unit says."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.core.table_contract import COUNT, FLAG, POINTS, PROBABILITY, SHARE, WORD
from xstilts.report.formats import EMPTY, minus, number

Fits = Callable[[pd.Series], pd.Series]


def _whole(values: pd.Series) -> pd.Series:
    return (values >= 0) & (values == np.floor(values))


def _part(values: pd.Series) -> pd.Series:
    return (values >= 0) & (values <= 1)


FITS: Mapping[str, Fits] = {
    COUNT: _whole,
    SHARE: _part,
    PROBABILITY: _part,
    FLAG: lambda values: values.isin([0, 1]),
}
"""Unit -> whether each number can be of it."""
WRITTEN: Mapping[str, Callable[[float], str]] = {
    COUNT: lambda value: f"{value:,.0f}",
    SHARE: lambda value: f"{100 * value:.1f} %",
    PROBABILITY: lambda value: f"{value:.3f}" if value >= 0.001 else "< 0.001",
    FLAG: lambda value: "yes" if value else "no",
    POINTS: lambda value: number(value, signed=True),
    "class": lambda value: f"{value:g}",
    "degrees of freedom": lambda value: f"{value:.1f}",
}
"""Unit -> a number in words; other units have two decimals, and a sign where one may be below 0."""
SIGNLESS = ("GiB", "points squared", "standard deviations squared")


def check(table: pd.DataFrame, units: Mapping[str, str], name: str) -> None:
    """Raise StudyError where a column of table `name` holds what cannot be of its unit."""
    for column, unit in units.items():
        if unit not in FITS or column not in table:
            continue
        values = pd.to_numeric(table[column], errors="coerce")
        wrong = table[column].notna() & ~FITS[unit](values.astype(float))
        if wrong.any():
            raise StudyError(
                f"The report's table '{name}', column '{column}': "
                f"{table.loc[wrong, column].iloc[0]} is no {unit}; make the table again with this "
                "version of the workflow."
            )


def text(
    value: str | float | np.number | np.bool_ | None, unit: str, rename: Callable[[str], str] = str
) -> str:
    """One value of a column of `unit` as readers see it; words go through `rename`."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return EMPTY
    if unit == FLAG and not isinstance(value, str):
        return WRITTEN[FLAG](bool(value))
    if isinstance(value, (bool, np.bool_)):
        return WRITTEN[FLAG](bool(value))
    if isinstance(value, str):
        return rename(value)
    if unit in WRITTEN:
        return WRITTEN[unit](float(value))
    if unit == WORD:
        return f"{value:,}" if isinstance(value, (int, np.integer)) else minus(f"{value:.3f}")
    plain = f"{value:.2f}" if unit in SIGNLESS else f"{value:+.2f}"
    return minus(plain)
