"""Tables of any origin: reading them, and finding and checking their columns."""

from pathlib import Path

import numpy as np
import pandas as pd

from .errors import ModelError, nearest

# What stands for a missing number in tables of R, pandas, spreadsheets and databases. Among texts
# they are levels like others: `nan` is a language (Min Nan), `None` and `null` are answers.
NO_NUMBER = frozenset(
    {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
     "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", ""}
)  # fmt: skip
TRUTH = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}
SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}


def read_table(path: Path) -> pd.DataFrame:
    """A CSV, TSV or Parquet table, by the ending of its name.

    Raises ModelError where the file is missing, unreadable, of another kind or without rows.
    """
    ending = path.suffix.lower()
    if ending not in {*SEPARATORS, ".parquet"}:
        raise ModelError(
            f"{path} is no table that can be read: its name must end in .csv, .tsv or .parquet"
        )
    try:
        if ending == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = _read_text(path, SEPARATORS[ending])
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, pd.errors.ParserError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot read {path} as a {ending[1:]} table: {reason}") from None
    if table.empty:
        raise ModelError(f"{path} has no rows: give a table with a header and data")
    return table


def _read_text(path: Path, separator: str) -> pd.DataFrame:
    """As Parquet keeps it: of a column of texts, only empty cells are missing."""
    table = pd.read_csv(
        path, sep=separator, low_memory=False, keep_default_na=False, na_values=[""]
    )
    for position in range(table.shape[1]):
        values = table.iloc[:, position]
        if not is_numeric(values):
            table.isetitem(position, _as_numbers(values))
    return table


def _as_numbers(values: pd.Series) -> pd.Series:
    """Texts as numbers or truth values, if they are that but for words for missing numbers."""
    words = values.where(~values.isin(NO_NUMBER))
    if not words.notna().any():
        return values
    if words.dropna().isin(TRUTH).all():
        return words.map(TRUTH, na_action="ignore")
    converted = pd.to_numeric(words, errors="coerce")
    return converted if converted.notna().equals(words.notna()) else values


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column by its name; raises ModelError with the nearest name where there is none."""
    if name not in table.columns:
        raise ModelError(f"the table has no column '{name}'; {nearest(name, map(str, table))}")
    values = table[name]
    if isinstance(values, pd.DataFrame):
        raise ModelError(f"the table has more than one column '{name}': rename one of them")
    return values


def is_numeric(values: pd.Series) -> bool:
    """Whether a column holds numbers, or true and false, whatever else than text it is kept as."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    return kind in {"floating", "integer", "mixed-integer-float", "decimal", "boolean"}


def numbers(table: pd.DataFrame, name: str) -> pd.Series:
    """A column as numbers, missing ones as NaN; raises ModelError naming what is no number."""
    values = column(table, name)
    if not is_numeric(values):
        converted = pd.to_numeric(values, errors="coerce")
        wrong = values[converted.isna() & values.notna() & ~values.isin(NO_NUMBER)]
        if len(wrong):
            raise ModelError(
                f"column '{name}' must hold numbers, but its row {_row(table, wrong)} holds "
                f"'{wrong.iloc[0]}': mend the table"
            )
        values = converted
    values = values.astype(object).where(values.notna(), np.nan).astype(float)
    infinite = values[np.isinf(values)]
    if len(infinite):
        raise ModelError(
            f"column '{name}' holds infinite values ({len(infinite)}, the first in row "
            f"{_row(table, infinite)}): mend or remove these rows"
        )
    return values


def _row(table: pd.DataFrame, part: pd.Series) -> int:
    """The place in the table, from 1 on, of the first of some values."""
    return int(np.flatnonzero(table.index == part.index[0])[0]) + 1
