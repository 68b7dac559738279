"""The heat map of gains, and the languages behind the cell that is picked."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from xstilts.report.charts.heat_map_cells import heat_map_cells
from xstilts.report.charts.heat_map_panel import panel
from xstilts.report.charts.theme import (
    MISSING,
    colour_limit,
    diverging,
    names_on_top,
    narrow,
    table,
)

CELL = {"width": 56, "height": 30}
ORDERS = ["as in the study", "mean gain"]
FACTS = {
    "pair": "gain of", "gain_text": "gain", "interval": "95 % interval", "score": "score",
    "baseline": "baseline", "languages": "languages", "seeds": "seeds", "remark": "remark",
    "run": "run",
}  # fmt: skip


def heat_map(
    dyads: pd.DataFrame,
    languages: pd.DataFrame,
    runs: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
    status: Mapping[tuple[str, str], str],
    *,
    details: bool = True,
) -> alt.TopLevelMixin:
    """Intermediate tasks x target tasks; a click or tap shows the languages of a cell below.

    `dyads` as from `dyads.summarise`, `languages` as from `dyads.by_language`, `runs` with
    intermediate, target, seed, run, link; the baseline is no row. A gain whose interval includes
    zero has a hollow dot and stands in italics; a dyad whose intermediate task is also the
    target's training set has a frame; a dyad without a gain is grey with a cross where it diverged
    and a dash otherwise. `details=False` leaves out the languages (for a picture on paper).
    """
    cells = heat_map_cells(dyads, languages, runs, intermediates, targets, status)
    rows, columns = cells["row"].nunique(), cells["column"].nunique()
    picked = _picked(dyads) if details else None
    # The numbers' own inks are no scale, and cannot share one with the squares.
    grid = alt.layer(*_layers(cells, colour_limit(dyads["gain"]), picked)).resolve_scale(
        color="independent", stroke="independent"
    )
    grid = grid.properties(
        width=CELL["width"] * max(columns, 1), height=CELL["height"] * max(rows, 1)
    )
    if picked is None:
        return grid.add_params(alt.param(name="order", value=ORDERS[0]), narrow())
    order = alt.param(
        name="order", value=ORDERS[0], bind=alt.binding_select(options=ORDERS, name="rows by ")
    )
    whole = alt.vconcat(grid, panel(languages, runs, picked), spacing=24)
    return whole.add_params(order, narrow())


def _layers(cells: pd.DataFrame, limit: float, picked: alt.Parameter | None) -> list[alt.Chart]:
    """Squares, gaps, numbers and marks, from the bottom up."""
    down = {"title": None, "sort": alt.EncodingSortField("rank", op="min")}
    across = {"title": None, "sort": list(dict.fromkeys(cells["column"])), "axis": names_on_top()}
    rank = f"order === '{ORDERS[1]}' ? -datum.mean : datum.position"
    base = alt.Chart(table(cells)).transform_calculate(rank=rank)
    base = base.encode(alt.Y("row:N", **down), alt.X("column:N", **across))
    known, gap = (base.transform_filter(f"{sign}isValid(datum.gain)") for sign in ("", "!"))
    unsure = known.transform_filter("!datum.told")
    tooltips = [alt.Tooltip(f"{name}:N", title=title) for name, title in FACTS.items()]
    silent, ink = alt.TooltipValue(None), alt.Color("ink:N", scale=None)
    colour = alt.Color(
        "gain:Q",
        scale=diverging(limit),
        title="gain over the baseline (points)",
        legend=alt.Legend(orient="bottom", direction="horizontal", gradientLength=220),
    )
    squares = known.mark_rect(stroke="white", strokeWidth=1.5, cursor="pointer")
    layers = [
        squares.encode(colour, tooltip=tooltips),
        gap.mark_rect(color=MISSING, stroke="white", strokeWidth=1.5).encode(tooltip=tooltips),
        gap.mark_text(color="#333333", fontSize=14).encode(text="sign:N", tooltip=silent),
        _numbers(known.transform_filter("datum.told"), "normal"),
        _numbers(unsure, "italic"),
        unsure.mark_point(shape="circle", size=18, strokeWidth=1.2).encode(
            alt.X("column:N", bandPosition=0.87, **across),
            alt.Y("row:N", bandPosition=0.2, **down),
            color=ink,
            tooltip=silent,
        ),
        known.transform_filter("datum.same_data")
        .mark_rect(filled=False, strokeWidth=1.4, width={"band": 0.86}, height={"band": 0.78})
        .encode(stroke=alt.Stroke("ink:N", scale=None), tooltip=silent),
    ]
    if picked is not None:
        layers[0] = layers[0].add_params(picked)
        outline = known.mark_rect(filled=False, stroke="black", strokeWidth=2.5)
        layers.append(outline.transform_filter(picked))
    return layers


def _numbers(chosen: alt.Chart, style: str) -> alt.Chart:
    # A phone's cells have no room for decimals; pointing at one gives them.
    label = "narrow ? format(datum.gain, '+.0f') : datum.gain_text"
    size = alt.expr("narrow ? 10.5 : 12.5")
    text = chosen.transform_calculate(label=label).mark_text(fontStyle=style, fontSize=size)
    return text.encode(
        text="label:N", color=alt.Color("ink:N", scale=None), tooltip=alt.TooltipValue(None)
    )


def _picked(dyads: pd.DataFrame) -> alt.Parameter:
    largest = dyads.loc[dyads["gain"].abs().idxmax()]
    fields = ["intermediate", "target"]
    return alt.selection_point(
        name="picked",
        fields=fields,
        value=[{name: largest[name] for name in fields}],
        on="click",
        toggle=False,
        clear=False,
    )
