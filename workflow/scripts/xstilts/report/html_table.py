"""A table of the page: cells, and the form that any data frame can take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from xstilts.core.table_contract import COUNT, FLAG, PROBABILITY, SHARE, WORD
from xstilts.report import units as of_units


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what it says.
        kind: CSS classes (``, `best`, `quiet`, `failed`, `wrap`).
        link: where it leads, if anywhere.
        note: a remark below the text.
        names: what the text stands for, shown when it is opened.
    """

    text: str
    kind: str = ""
    link: str = ""
    note: str = ""
    names: str = ""


@dataclass(frozen=True)
class Table:
    """A caption, the column heads, and rows whose first cell is the row's head."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]
    words: tuple[int, ...] = (0,)
    """Positions of the columns of words, which are set flush left; numbers are set flush right."""
    kind: str = ""
    """CSS class of the table."""


# Units that need no words at the head of a column.
PLAIN = (WORD, FLAG, COUNT, SHARE, PROBABILITY)


def frame(
    table: pd.DataFrame,
    caption: str,
    rename: Callable[[str], str] = str,
    units: Mapping[str, str] | None = None,
) -> Table:
    """Any table, each column written as its unit wants it; words go through `rename`."""
    units = units or {}
    words = tuple(
        position for position, name in enumerate(table) if table[name].dtype.kind not in "iuf"
    )
    own = [units.get(str(name), WORD) for name in table]
    rows = [
        [Cell(of_units.text(value, unit, rename)) for value, unit in zip(row, own, strict=True)]
        for row in table.itertuples(index=False)
    ]
    head = [_head(str(name), unit) for name, unit in zip(table, own, strict=True)]
    return Table(caption, head, rows, words=words)


def _head(name: str, unit: str) -> str:
    said = HEADS.get(name, name.replace("_", " "))
    return said if unit in PLAIN else f"{said}\n{unit}"


HEADS = {
    "pretraining_gib": "pretraining text", "joshi_class": "resource class",
    "in_pretraining": "in the encoder's pretraining", "p_mrqap": "p by relabelling",
    "p_max_t": "p over all measures", "n": "pairs", "rows": "pairs in it",
    "measure_a": "measure", "measure_b": "beside", "spearman": "rank correlation",
    "spearman_low": "its low end", "spearman_high": "its high end",
}  # fmt: skip
"""Column -> its head, where the name with spaces would not be read."""
