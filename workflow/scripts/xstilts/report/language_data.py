"""Gains by language as the page's script reads them: small, and rounded as tables round."""

import json
from collections.abc import Iterable, Mapping

import pandas as pd

from xstilts.report.charts.theme import DIVERGING, colour_limit
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs

FACTS = ("name", "family_glottolog", "joshi_class", "pretraining_GiB")
NUMBERS = {"g": "gain", "a": "low", "z": "high", "s": "score", "b": "baseline"}


def language_names(facts: pd.DataFrame) -> dict[str, str]:
    """Code -> name, of the languages that `facts` knows."""
    known = facts.dropna(subset=["language", "name"])
    return dict(zip(known["language"], known["name"], strict=True))


def named(code: str, names: Mapping[str, str]) -> str:
    """`Swahili (sw)`; the code alone where nobody told the name."""
    return f"{names[code]} ({code})" if code in names else code


def data(inputs: ReportInputs) -> dict | None:
    """Gains of every dyad by language, with what is known of the languages; None without gains.

    Numbers are tenths of a point, rounded as the page's tables round them; a rounded zero keeps
    its sign, which says on which side of zero an interval ends.
    """
    rows = inputs.language_gains
    if rows.empty:
        return None
    codes = sorted(set(rows["language"]))
    position = {code: number for number, code in enumerate(codes)}
    gains = {}
    for (name, target), own in rows.groupby(["intermediate", "target"]):
        gains[f"{name} {target}"] = {"l": [position[code] for code in own["language"]]} | {
            key: [_tenths(value) for value in own[column]] for key, column in NUMBERS.items()
        }
    have = {*zip(rows["intermediate"], rows["target"], strict=True)}
    return {
        "limit": colour_limit(rows["gain"]),
        "stops": DIVERGING,
        "rows": _titles(inputs.intermediates, {name for name, _ in have}),
        "targets": _titles(inputs.targets, {target for _, target in have}),
        "languages": _languages(codes, inputs.languages),
        "gains": gains,
        "unlearned": {
            f"{row.intermediate} {row.target}": row.unlearned
            for row in inputs.dyads.itertuples()
            if row.unlearned
        },
    }


def _titles(names: Iterable[str], there: set[str]) -> list[tuple[str, str]]:
    return [(name, written(name)) for name in names if name in there]


def _languages(codes: list[str], facts: pd.DataFrame) -> list[list]:
    """Code, name, family, resource class and GiB of pretraining text of each; null if unknown."""
    known = facts.drop_duplicates("language").set_index("language")[list(FACTS)]
    table = known.reindex(codes).astype(object)
    values = table.where(table.notna(), None)
    return [[code, *row] for code, row in zip(codes, values.to_numpy().tolist(), strict=True)]


def _tenths(value: float) -> float | int | None:
    if pd.isna(value):
        return None
    text = f"{value:.1f}"
    whole = int(text.replace(".", "").replace("-", ""))
    if text.startswith("-"):
        return -whole if whole else -0.0
    return whole


def embedded(table: Mapping) -> str:
    """The data as JSON that is safe inside a `<script>` element."""
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
