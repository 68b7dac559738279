"""All figures by name: what they are called and what they show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import altair as alt
import pandas as pd

from xstilts.report import gain_map, language_data
from xstilts.report.charts import dyad_points, effects, heat_map, language_map, task_map, theme
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import measure_name, titled

Drawn: TypeAlias = alt.TopLevelMixin | None


@dataclass(frozen=True)
class Figure:
    """A figure: its title, how it is drawn, and whether the page has it as it is on paper."""

    title: str
    draw: Callable[[ReportInputs], Drawn]
    on_page: bool = True


def specification(name: str, inputs: ReportInputs) -> dict | None:
    """The figure as a Vega-Lite specification; None where the study has nothing to show in it."""
    with titled(inputs.titles):
        chart = FIGURES[name].draw(inputs)
    return None if chart is None else theme.finished(chart)


def empty(name: str) -> dict:
    """What stands in for a figure that has nothing to show."""
    text = f"{FIGURES[name].title}: nothing to show yet"
    words = theme.table(pd.DataFrame({"text": [text]}))
    chart = alt.Chart(words).mark_text(align="left", color=theme.INK, x=0).encode(text="text:N")
    return theme.finished(chart.properties(width=420, height=40))


def _gains(inputs: ReportInputs) -> Drawn:
    return None if inputs.gains.empty else heat_map.heat_map(gain_map.cells(inputs))


def _languages(inputs: ReportInputs) -> Drawn:
    rows = inputs.language_gains
    if rows.empty:
        return None
    return language_map.languages_on_paper(
        rows, inputs.targets, language_data.language_names(inputs.languages)
    )


def _primary(inputs: ReportInputs) -> str:
    measures = list(inputs.similarity["measure"].unique())
    named = inputs.answer.get("primary_measure", "")
    return named if named in measures else measures[0] if measures else ""


def _task_map(inputs: ReportInputs) -> Drawn:
    rows = inputs.similarity
    rows = rows[(rows["measure"] == _primary(inputs)) & rows["language"].isna()]
    return None if rows.empty else task_map.task_map(rows, measure_name(_primary(inputs)))


def headline(inputs: ReportInputs) -> tuple[float, float, float] | None:
    """The honest estimate of the slope with its interval, if there is one."""
    rows = inputs.inference["effects"]
    rows = rows[
        (rows["analysis"] == "headline") & (rows["method"] == "kenward_roger")
        & (rows["subset"] == "all") & (rows["scale"] == "standardised")
        & (rows["term"] == "similarity")
    ].dropna(subset=["estimate", "low", "high"])  # fmt: skip
    if rows.empty:
        return None
    first = rows.iloc[0]
    return float(first["estimate"]), float(first["low"]), float(first["high"])


FIGURES = {
    # The page has tables of its own for these two.
    "gains": Figure("Gain of each intermediate task on each target task", _gains, on_page=False),
    "languages": Figure("Scores by language", _languages, on_page=False),
    "task_map": Figure("Task map", _task_map),
    "similarity_gain": Figure(
        "Gain against similarity",
        lambda inputs: dyad_points.gain_against_similarity(
            inputs.inference["dyads"], headline(inputs)
        ),
    ),
    "effects": Figure(
        "Effect of similarity, honest and naive",
        lambda inputs: effects.forest(inputs.inference["effects"]),
    ),
    "target_slopes": Figure(
        "Slope within each target",
        lambda inputs: dyad_points.target_slopes(inputs.inference["target_slopes"], inputs.targets),
    ),
    "measures": Figure(
        "Measures of similarity compared",
        lambda inputs: effects.measures(inputs.inference["measures"]),
    ),
    "low_resource": Figure(
        "Similarity and the language's pretraining text",
        lambda inputs: effects.low_resource(inputs.inference["language_slopes"]),
    ),
    "variance": Figure(
        "Where gains vary", lambda inputs: effects.variance(inputs.inference["variance"])
    ),
    "selection": Figure(
        "Choosing the intermediate task",
        lambda inputs: effects.selection(inputs.inference["selection"]),
    ),
    "influence": Figure(
        "What the result hangs on",
        lambda inputs: effects.influence(
            inputs.inference["influence"], language_data.language_names(inputs.languages)
        ),
    ),
}
