"""The tables that inference writes: their columns, and how a test becomes a row of `effects`."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mixed_models.denominator_df import Test
from xstilts.core.files import write_atomically
from xstilts.inference.analyses.permutation import Permutation

COLUMNS = {
    "dyads": (
        "intermediate target gain gain_standardised similarity similarity_standardised "
        "gain_centred similarity_centred same_data languages seeds intermediate_family "
        "target_family gain_shrunken"
    ),
    "effects": ("analysis subset scale method term estimate standard_error df low high p n note"),
    "measures": (
        "measure primary estimate standard_error df low high p p_mrqap p_max_t reliability "
        "estimate_disattenuated"
    ),
    "agreement": "measure_a measure_b spearman dyads",
    "target_slopes": "target slope low high spearman spearman_low spearman_high dyads",
    "language_slopes": (
        "language name family joshi_class cc100_gib in_xlmr slope low high gain rows"
    ),
    "variance": "component variance share estimated_zero",
    "fit": "quantity value",
    "noise_ceiling": "quantity value note",
    "selection": "scheme predictor metric held_out value chance low high",
    "influence": "kind left_out estimate low high p",
    "equivalence": "bound p equivalent smallest_bound",
    "power": (
        "intermediates targets seeds standard_error smallest_detectable_slope smallest_slope_seen"
    ),
}


def table(name: str, rows: Iterable[Mapping[str, object]] | pd.DataFrame = ()) -> pd.DataFrame:
    """The table `name` of these rows, with exactly its columns, also if there are none."""
    columns = COLUMNS[name].split()
    if isinstance(rows, pd.DataFrame):
        return rows.reindex(columns=columns).reset_index(drop=True)
    return pd.DataFrame(list(rows), columns=columns)


def effect(
    analysis: str,
    subset: str,
    scale: str,
    method: str,
    term: str,
    found: Test | Permutation,
    n: int,
    note: str = "",
) -> dict[str, object]:
    """A row of `effects`; the end of an interval that no relabelling bounds is not known."""
    place = {"analysis": analysis, "subset": subset, "scale": scale, "method": method, "term": term}
    if isinstance(found, Permutation):
        low, high = (end if math.isfinite(end) else math.nan for end in (found.low, found.high))
        measured = {"estimate": found.slope, "df": found.df, "low": low, "high": high}
        return {**place, **measured, "p": found.p, "n": n, "note": note}
    measured = {
        "estimate": found.estimate,
        "standard_error": found.standard_error,
        "df": found.df,
        "low": found.low,
        "high": found.high,
        "p": found.p,
    }
    return {**place, **measured, "n": n, "note": note}


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table as `<folder>/<name>.tsv`; ten digits, so that two machines agree."""
    for name, rows in tables.items():
        write_atomically(
            folder / f"{name}.tsv",
            lambda path, rows=rows: rows.to_csv(path, sep="\t", index=False, float_format="%.10g"),
        )


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
