"""Tables and summary as files, and how a test becomes a row of `effects`."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mixed_models.denominator_df import Test
from xstilts.core.files import write_atomically
from xstilts.core.table_contract import TableContract
from xstilts.core.tsv import rows_of, write_tsv
from xstilts.inference.analyses.permutation import Permutation
from xstilts.inference.contracts import Rows


def as_table(table: TableContract, rows: Rows = ()) -> pd.DataFrame:
    """These rows with exactly the columns of `table`, also if there are none."""
    columns = list(table.columns)
    if isinstance(rows, pd.DataFrame):
        return rows.reindex(columns=columns).reset_index(drop=True)
    return pd.DataFrame(list(rows), columns=columns)


def effect(
    analysis: str,
    subset: str,
    scale: str,
    method: str,
    term: str,
    measured: Test | Permutation,
    n: int,
    note: str = "",
) -> dict[str, object]:
    """A row of `effects`; the end of an interval that no relabelling bounds is not known."""
    key = {"analysis": analysis, "subset": subset, "scale": scale, "method": method, "term": term}
    if isinstance(measured, Permutation):
        low, high = (
            end if math.isfinite(end) else math.nan for end in (measured.low, measured.high)
        )
        numbers = {"estimate": measured.slope, "df": measured.df, "low": low, "high": high}
        return {**key, **numbers, "p": measured.p, "n": n, "note": note}
    numbers = {
        "estimate": measured.estimate,
        "standard_error": measured.standard_error,
        "df": measured.df,
        "low": measured.low,
        "high": measured.high,
        "p": measured.p,
    }
    return {**key, **numbers, "n": n, "note": note}


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as `<folder>/<name>.tsv`; ten digits, so that two machines agree."""
    for name, rows in tables.items():
        write_tsv(folder / f"{name}.tsv", *rows_of(rows), numbers=".10g")


def write_summary(summary: Mapping[str, Any], path: Path) -> None:
    """Write inference.json; a value that is not known is null."""
    text = json.dumps(_plain(summary), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, lambda part: part.write_text(text + "\n", encoding="utf-8"))


def _plain(value: Any) -> Any:
    """`value` as JSON has it: no numpy types, None for what is not finite."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return value
