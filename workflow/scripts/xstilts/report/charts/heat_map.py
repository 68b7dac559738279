"""The heat map of gains on paper; the page has a table of its own, with the same cells."""

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import MISSING, colour_limit, diverging, table

CELL = {"width": 62, "height": 30}
LETTER = 7.2  # pixels of a letter in a head, at most


def heat_map(cells: pd.DataFrame) -> alt.TopLevelMixin:
    """Intermediate tasks x target tasks, from `heat_map_cells`.

    A gain whose interval includes zero has a hollow dot and stands in italics; a dyad whose
    intermediate task is also the target's training set has a frame; one that rests on a run that
    did not learn has a dagger; a dyad without a gain is grey, with a cross where it diverged and a
    dash otherwise.
    """
    rows, columns = cells["row"].nunique(), cells["column"].nunique()
    # The numbers' own inks are no scale, and cannot share one with the squares.
    grid = alt.layer(*_layers(cells)).resolve_scale(color="independent", stroke="independent")
    return grid.properties(
        width=CELL["width"] * max(columns, 1), height=CELL["height"] * max(rows, 1)
    )


def _heads(columns: list[str]) -> alt.Axis:
    """Names above the columns, slanted where one is wider than its column."""
    wide = max(map(len, columns)) * LETTER > CELL["width"]
    align = {"labelAngle": -40, "labelAlign": "left"} if wide else {"labelAngle": 0}
    return alt.Axis(orient="top", **align)


def _layers(cells: pd.DataFrame) -> list[alt.Chart]:
    """Squares, gaps, numbers and marks, from the bottom up."""
    names, heads = list(dict.fromkeys(cells["row"])), list(dict.fromkeys(cells["column"]))
    down = {"title": None, "sort": names}
    across = {"title": None, "sort": heads, "axis": _heads(heads)}
    base = alt.Chart(table(cells)).encode(alt.Y("row:N", **down), alt.X("column:N", **across))
    known, gap = (base.transform_filter(f"{sign}isValid(datum.gain)") for sign in ("", "!"))
    unsure, ink = known.transform_filter("!datum.told"), alt.Color("ink:N", scale=None)
    colour = alt.Color(
        "gain:Q",
        scale=diverging(colour_limit(cells["gain"])),
        title="gain over the baseline (points)",
        legend=alt.Legend(orient="bottom", direction="horizontal", gradientLength=220),
    )
    return [
        known.mark_rect(stroke="white", strokeWidth=1.5).encode(colour),
        gap.mark_rect(color=MISSING, stroke="white", strokeWidth=1.5),
        gap.mark_text(color="#333333", fontSize=14).encode(text="sign:N"),
        _numbers(known.transform_filter("datum.told"), "normal"),
        _numbers(unsure, "italic"),
        unsure.mark_point(shape="circle", size=18, strokeWidth=1.2).encode(
            alt.X("column:N", bandPosition=0.9, **across),
            alt.Y("row:N", bandPosition=0.2, **down),
            color=ink,
        ),
        known.transform_filter("datum.same_data")
        .mark_rect(filled=False, strokeWidth=1.4, width={"band": 0.86}, height={"band": 0.78})
        .encode(stroke=alt.Stroke("ink:N", scale=None)),
    ]


def _numbers(chosen: alt.Chart, style: str) -> alt.Chart:
    text = chosen.mark_text(fontStyle=style, fontSize=12.5)
    return text.encode(text="label:N", color=alt.Color("ink:N", scale=None))
