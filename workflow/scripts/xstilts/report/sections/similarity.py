"""What the page says of similarity: figures, and the tables behind them."""

import pandas as pd

from xstilts.core.contracts import TableContract
from xstilts.report.html_table import frame
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import measure_name, written
from xstilts.report.section import Context, Section

FIGURES = (
    "effects", "similarity_gain", "target_slopes", "task_map", "measures", "low_resource",
    "variance", "selection", "influence",
)  # fmt: skip


def context(inputs: ReportInputs) -> Context:
    """Each table that has rows, and what was predicted."""
    filled = [
        (contract, frame(_readable(table, contract), contract.caption, _word))
        for contract, table in zip(inputs.contracts, inputs.inference.values(), strict=True)
        if not table.empty
    ]
    coverage = inputs.coverage
    return {
        "primary": measure_name(str(inputs.answer.get("primary_measure", ""))),
        "figures": FIGURES,
        "inference": filled,
        "alone": [table for contract, table in filled if not contract.beside],
        "coverage": None
        if coverage.empty
        else frame(
            coverage.drop(columns="rows"),
            "Prediction for tasks and languages not seen: share of gains inside the interval.",
            _word,
        ),
    }


def _readable(table: pd.DataFrame, contract: TableContract) -> pd.DataFrame:
    for column, value in contract.shown.items():
        table = table[table[column] == value].drop(columns=column)
    empty = [column for column in table if table[column].isna().all()]
    return table.drop(columns=empty)


def _word(text: str) -> str:
    name = written(text)
    return name if name != text else text.replace("_", " ")


SECTION = Section(
    name="similarity",
    title="Similarity",
    order=70,
    reads=("inference", "answer", "similarity", "coverage", "languages"),
    context=context,
)
