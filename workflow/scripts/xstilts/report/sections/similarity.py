"""What the page says of similarity: figures, and the tables behind them."""

from collections.abc import Mapping

import pandas as pd

from xstilts.core.table_contract import COUNT, SHARE, TableContract
from xstilts.report import units
from xstilts.report.charts.effects import WORDS
from xstilts.report.html_table import Table, frame
from xstilts.report.language_data import language_names, named
from xstilts.report.names import measure_name, written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section

FIGURES = (
    "effects", "similarity_gain", "target_slopes", "task_map", "measures", "low_resource",
    "variance", "selection", "influence",
)  # fmt: skip


def context(inputs: ReportInputs) -> Context:
    """Each table that has rows, and what was predicted."""
    names = language_names(inputs.languages)
    filled = [
        (contract, shown(table, contract, names))
        for contract, table in zip(inputs.contracts, inputs.inference.values(), strict=True)
        if not table.empty
    ]
    coverage = inputs.coverage
    return {
        "primary": measure_name(str(inputs.answer.get("primary_measure", ""))),
        "figures": FIGURES,
        "pairs": _pairs(inputs),
        "inference": filled,
        "alone": [table for contract, table in filled if not contract.beside],
        "coverage": None if coverage.empty else _coverage(coverage, names),
    }


def _pairs(inputs: ReportInputs) -> str:
    """On which of the pairs with a gain the test stands, and why not on the others."""
    used = inputs.inference.get("dyads")
    if used is None or used.empty:
        return ""
    rows, own = (set(table["intermediate"]) for table in (inputs.dyads, used))
    targets, own_targets = (set(table["target"]) for table in (inputs.dyads, used))
    sentence = f"The test stands on {len(used)} of the {len(inputs.dyads)} pairs that have a gain"
    left = [name for name in inputs.intermediates if name in rows - own]
    if left:
        sentence += (
            f", of {len(own)} of {len(rows)} rows: {', '.join(map(written, left))} "
            f"{'is' if len(left) == 1 else 'are'} no single task, and has no similarity of its own"
            if all("+" in name or name.startswith("multitask") for name in left)
            else f", of {len(own)} of {len(rows)} rows: no similarity is known of "
            f"{', '.join(map(written, left))}"
        )
    if lost := [name for name in inputs.targets if name in targets - own_targets]:
        sentence += f"; no similarity is known of {', '.join(map(written, lost))}"
    return sentence + "."


def shown(table: pd.DataFrame, contract: TableContract, names: Mapping[str, str]) -> Table:
    """A table of inference as readers see it: words for keys, numbers by their units."""
    readable = _readable(table, contract)
    own = {column: unit for column, unit in contract.columns.items() if column in readable}
    return frame(readable, contract.caption, lambda text: _word(text, names), own)


def _coverage(coverage: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """How many gains lay inside their interval, as a share beside the share that was promised."""
    table = coverage.assign(share=coverage["covered"] / coverage["rows"])
    table = table[["scheme", "held_out", "covered", "rows", "share", "nominal"]]
    table = table.rename(columns={"covered": "inside", "rows": "gains", "nominal": "promised"})
    own = {"inside": COUNT, "gains": COUNT, "share": SHARE, "promised": SHARE}
    units.check(table, own, "coverage")
    caption = "Prediction for tasks and languages not seen: how many gains lay in their interval."
    return frame(table, caption, lambda text: _word(text, names), own)


def _readable(table: pd.DataFrame, contract: TableContract) -> pd.DataFrame:
    for column, value in contract.shown.items():
        table = table[table[column] == value].drop(columns=column)
    empty = [column for column in table if len(table) and table[column].isna().all()]
    return table.drop(columns=empty)


def _word(text: str, languages: Mapping[str, str]) -> str:
    """A key of a table as readers know it: a task, a language, a method, else its words."""
    name = written(text)
    if name != text:
        return name
    if text in languages:
        return named(text, languages)
    return WORDS.get(text, text.replace("_", " "))


SECTION = Section(
    name="similarity",
    title="Similarity",
    order=70,
    reads=(*DYADS, "inference", "answer", "similarity", "coverage", "languages"),
    context=context,
)
