"""What the page says of similarity: the answer, and the tables behind its figures."""

from typing import Any

import pandas as pd

from xstilts.report.html_table import frame
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import measure_name, written

QUESTION = (
    "Does the similarity of two tasks predict the gain, and more so for low-resource languages?"
)
CAPTIONS = {
    "effects": "Effects of similarity, by method. 'naive' takes rows as independent, which rejects "
    "a true null in more than half of all data sets: shown as a warning.",
    "measures": "Each measure of similarity; p_max_t is adjusted for their number.",
    "agreement": "Rank correlation of the measures with each other.",
    "target_slopes": "Slope and rank correlation within each target.",
    "language_slopes": "Slope of the gain on similarity in each language.",
    "variance": "Variance of gains by component.",
    "fit": "Fit of the models.",
    "noise_ceiling": "How much of the gain any predictor could explain.",
    "selection": "Skill at choosing the intermediate task, with chance.",
    "influence": "The slope when something is left out.",
    "equivalence": "Test that the slope is smaller than the bound.",
    "power": "Smallest slope that a grid of this size would probably show.",
    "dyads": "Each pair of tasks: gain and similarity.",
}
BESIDE = {
    "effects": ["effects"], "measures": ["measures", "agreement"],
    "target_slopes": ["target_slopes"], "low_resource": ["language_slopes"],
    "variance": ["variance", "fit"], "selection": ["selection"], "influence": ["influence"],
    "similarity_gain": ["dyads"],
}  # fmt: skip
"""Figure -> the tables that have its numbers."""


def similarity(inputs: ReportInputs) -> dict[str, Any]:
    """The answer in two sentences, and each table that has rows."""
    filled = {
        name: frame(_readable(table, name), CAPTIONS[name], _word)
        for name, table in inputs.inference.items()
        if not table.empty
    }
    coverage = inputs.coverage
    return {
        "question": str(inputs.answer.get("question") or QUESTION),
        "answer": str(inputs.answer.get("answer", "")),
        "limits": str(inputs.answer.get("limits", "")),
        "robustness": _robustness(inputs.answer),
        "primary": measure_name(str(inputs.answer.get("primary_measure", ""))),
        "inference": filled,
        "beside": BESIDE,
        "alone": [
            filled[name] for name in ("noise_ceiling", "equivalence", "power") if name in filled
        ],
        "coverage": None
        if coverage.empty
        else frame(
            coverage.drop(columns="rows"),
            "Prediction for tasks and languages not seen: share of gains inside the interval.",
            _word,
        ),
    }


def _readable(table: pd.DataFrame, name: str) -> pd.DataFrame:
    if name == "selection":
        table = table[table["held_out"] == "mean"].drop(columns="held_out")
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
