"""A table of the page: cells, and the form that any data frame can take."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xstilts.report.formats import EMPTY


@dataclass(frozen=True)
class Cell:
    """One cell: its text, a CSS class (``, `best`, `quiet`, `failed`) and a link, if any."""

    text: str
    kind: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A caption, the column heads, and rows whose first cell is the row's head."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]
    words: tuple[int, ...] = (0,)
    """Positions of the columns of words, which are set flush left; numbers are set flush right."""


def frame(table: pd.DataFrame, caption: str, rename: Callable[[str], str] = str) -> Table:
    """Any table: words as they are (`rename` applied), numbers with three decimals."""
    words = tuple(
        position for position, name in enumerate(table) if table[name].dtype.kind not in "iuf"
    )
    rows = [[_plain(value, rename) for value in row] for row in table.itertuples(index=False)]
    head = [str(name).replace("_", " ") for name in table]
    return Table(caption, head, rows, words=words)


def _plain(value: object, rename: Callable[[str], str]) -> Cell:
    if isinstance(value, (bool, np.bool_)):
        return Cell("yes" if value else "no")
    if pd.isna(value):
        return Cell(EMPTY)
    if isinstance(value, str):
        return Cell(rename(value))
    whole = float(value).is_integer() and not isinstance(value, float)
    return Cell(f"{int(value):,}" if whole else f"{value:.3f}".replace("-", "−"))
