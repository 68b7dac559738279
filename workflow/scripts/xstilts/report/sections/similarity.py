"""What the page says of similarity: the answer, and the tables behind its figures."""

from typing import Any

import pandas as pd

from xstilts.core.contracts import TableContract
from xstilts.report.html_table import frame
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import measure_name, written

QUESTION = (
    "Does the similarity of two tasks predict the gain, and more so for low-resource languages?"
)


def similarity(inputs: ReportInputs) -> dict[str, Any]:
    """The answer in two sentences, and each table that has rows."""
    filled = [
        (contract, frame(_readable(table, contract), contract.caption, _word))
        for contract, table in zip(inputs.contracts, inputs.inference.values(), strict=True)
        if not table.empty
    ]
    coverage = inputs.coverage
    return {
        "question": str(inputs.answer.get("question") or QUESTION),
        "answer": str(inputs.answer.get("answer", "")),
        "limits": str(inputs.answer.get("limits", "")),
        "robustness": _robustness(inputs.answer),
        "primary": measure_name(str(inputs.answer.get("primary_measure", ""))),
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


def _robustness(answer: dict[str, Any]) -> str:
    if "robust" not in answer or answer["robust"] is None:
        return ""
    if answer["robust"]:
        return "The slope over all pairs and that of the match alone do not contradict each other."
    return "Not robust: the slope over all pairs and that of the match alone contradict each other."
