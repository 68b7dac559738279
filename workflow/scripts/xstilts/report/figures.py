"""All figures by name: what they are called and what they show.

The rule that draws them takes their names from here while a Snakefile is read; what draws is
imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import altair as alt

    from xstilts.report.report_inputs import ReportInputs

    Drawn: TypeAlias = alt.TopLevelMixin | None


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        title: above it, and where it has nothing to show.
        draw: how it is drawn; None where there is nothing to show in it.
        category: under which Snakemake's own report has it.
        on_page: whether the page has it as it is on paper.
    """

    title: str
    draw: Callable[[ReportInputs], Drawn]
    category: str = "Similarity"
    on_page: bool = True


def specification(name: str, inputs: ReportInputs) -> dict | None:
    """The figure as a Vega-Lite specification; None where the study has nothing to show in it."""
    from xstilts.report.charts import theme
    from xstilts.report.names import titled

    with titled(inputs.titles):
        chart = FIGURES[name].draw(inputs)
    return None if chart is None else theme.finished(chart)


def empty(name: str) -> dict:
    """What stands in for a figure that has nothing to show."""
    import altair as alt
    import pandas as pd

    from xstilts.report.charts import theme

    text = f"{FIGURES[name].title}: nothing to show yet"
    words = theme.table(pd.DataFrame({"text": [text]}))
    chart = alt.Chart(words).mark_text(align="left", color=theme.INK, x=0).encode(text="text:N")
    return theme.finished(chart.properties(width=420, height=40))


def _gains(inputs: ReportInputs) -> Drawn:
    from xstilts.report import gain_map
    from xstilts.report.charts import heat_map

    return None if inputs.gains.empty else heat_map.heat_map(gain_map.cells(inputs))


def _languages(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import language_map
    from xstilts.report.language_data import language_names

    rows = inputs.language_gains
    if rows.empty:
        return None
    return language_map.languages_on_paper(rows, inputs.targets, language_names(inputs.languages))


def _primary(inputs: ReportInputs) -> str:
    measures = list(inputs.similarity["measure"].unique())
    named = inputs.answer.get("primary_measure", "")
    return named if named in measures else measures[0] if measures else ""


def _task_map(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import task_map
    from xstilts.report.names import measure_name

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


def _similarity_gain(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import dyad_points

    return dyad_points.gain_against_similarity(inputs.inference["dyads"], headline(inputs))


def _effects(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects

    return effects.forest(inputs.inference["effects"])


def _target_slopes(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import dyad_points

    return dyad_points.target_slopes(inputs.inference["target_slopes"], inputs.targets)


def _measures(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects

    return effects.measures(inputs.inference["measures"])


def _low_resource(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects

    return effects.low_resource(inputs.inference["language_slopes"])


def _variance(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects

    return effects.variance(inputs.inference["variance"])


def _selection(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects

    return effects.selection(inputs.inference["selection"])


def _influence(inputs: ReportInputs) -> Drawn:
    from xstilts.report.charts import effects
    from xstilts.report.language_data import language_names

    return effects.influence(inputs.inference["influence"], language_names(inputs.languages))


FIGURES = {
    # The page has tables of its own for these two.
    "gains": Figure(
        "Gain of each intermediate task on each target task", _gains, "Gains", on_page=False
    ),
    "languages": Figure("Scores by language", _languages, "Gains", on_page=False),
    "task_map": Figure("Task map", _task_map),
    "similarity_gain": Figure("Gain against similarity", _similarity_gain),
    "effects": Figure("Effect of similarity, honest and naive", _effects),
    "target_slopes": Figure("Slope within each target", _target_slopes),
    "measures": Figure("Measures of similarity compared", _measures),
    "low_resource": Figure("Similarity and the language's pretraining text", _low_resource),
    "variance": Figure("Where gains vary", _variance),
    "selection": Figure("Choosing the intermediate task", _selection),
    "influence": Figure("What the result hangs on", _influence),
}
