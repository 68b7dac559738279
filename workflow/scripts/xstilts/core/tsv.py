"""Tables as tab-separated text: one way to write numbers, truth values and what is missing."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Protocol

from xstilts.core.files import write_text

Row = Mapping[str, Any]


class Frame(Protocol):
    """What is asked of a data frame of pandas, which this room does not import."""

    columns: Iterable[Any]

    def astype(self, dtype: type, /) -> "Frame":
        """The values as objects."""
        ...

    def notna(self) -> Any:
        """Which values are there."""
        ...

    def where(self, condition: Any, other: None, /) -> "Frame":
        """The values that are there, others replaced."""
        ...

    def itertuples(self, index: bool, name: None) -> Iterator[tuple]:
        """The rows."""
        ...


def tsv(
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    numbers: str = "",
    missing: str = "",
    separator: str = "\t",
) -> str:
    """A header and a line per row; only what holds a separator, quote or line end is quoted.

    Args:
        columns: names, in order; what a row has besides is left out.
        rows: values by column.
        numbers: how to format numbers that may be fractions, as in `format`; by default as few
            digits as read back to the same number, and none after the point of a whole one.
        missing: stands for what a row lacks, None and NaN.
        separator: between the values.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=separator, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow(_written(row.get(name), numbers, missing) for name in columns)
    return text.getvalue()


def write_tsv(
    path: Path, columns: Sequence[str], rows: Iterable[Row], *, numbers: str = "", missing: str = ""
) -> None:
    """Write what `tsv` gives, whole or not at all.

    Raises:
        StudyError: the disk is full, over quota or read-only.
    """
    write_text(path, tsv(columns, rows, numbers=numbers, missing=missing))


def rows_of(frame: Frame) -> tuple[list[str], list[Row]]:
    """Columns and rows of a data frame without its index; whatever is missing there is None."""
    columns = [str(name) for name in frame.columns]
    plain = frame.astype(object).where(frame.notna(), None)
    values = plain.itertuples(index=False, name=None)
    return columns, [dict(zip(columns, row, strict=True)) for row in values]


def _written(value: object, numbers: str, missing: str) -> object:
    if value is None:
        return missing
    if not isinstance(value, Real) or isinstance(value, Integral):
        return value
    number = float(value)
    if number != number:
        return missing
    return format(number, numbers) if numbers else repr(number).removesuffix(".0")
