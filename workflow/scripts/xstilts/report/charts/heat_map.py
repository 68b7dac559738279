"""The heat map of gains, and the languages behind the cell that is picked."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import (
    BLUE,
    INK,
    MISSING,
    ORANGE,
    colour_limit,
    diverging,
    ink_on,
    names_on_top,
    narrow,
    table,
)
from xstilts.report.formats import interval, number
from xstilts.report.names import written

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
    rows = list(dict.fromkeys(cells["row"]))
    columns = list(dict.fromkeys(cells["column"]))
    limit = colour_limit(dyads["gain"])
    order = alt.param(
        name="order", value=ORDERS[0], bind=alt.binding_select(options=ORDERS, name="rows by ")
    )
    base = alt.Chart(table(cells)).transform_calculate(
        rank=f"order === '{ORDERS[1]}' ? -datum.mean : datum.position"
    )
    down = {"title": None, "sort": alt.EncodingSortField("rank", op="min")}
    across = {"title": None, "sort": columns, "axis": names_on_top()}
    base = base.encode(alt.Y("row:N", **down), alt.X("column:N", **across))
    known, gap = "isValid(datum.gain)", "!isValid(datum.gain)"
    tooltips = [alt.Tooltip(f"{name}:N", title=title) for name, title in FACTS.items()]
    square = alt.Color(
        "gain:Q",
        scale=diverging(limit),
        title="gain over the baseline (points)",
        legend=alt.Legend(orient="bottom", direction="horizontal", gradientLength=260),
    )
    layers = [
        base.transform_filter(known)
        .mark_rect(stroke="white", strokeWidth=1.5, cursor="pointer")
        .encode(square, tooltip=tooltips),
        base.transform_filter(gap).mark_rect(color=MISSING, stroke="white", strokeWidth=1.5)
        .encode(tooltip=tooltips),
        _text(base, f"{known} && datum.told", "normal"),
        _text(base, f"{known} && !datum.told", "italic"),
        base.transform_filter(f"{known} && !datum.told")
        .mark_point(shape="circle", size=18, strokeWidth=1.2)
        .encode(
            alt.X("column:N", bandPosition=0.87, **across),
            alt.Y("row:N", bandPosition=0.2, **down),
            color=alt.Color("ink:N", scale=None), tooltip=alt.TooltipValue(None)),
        base.transform_filter(f"{known} && datum.same_data")
        .mark_rect(filled=False, strokeWidth=1.4, width={"band": 0.86}, height={"band": 0.78})
        .encode(stroke=alt.Stroke("ink:N", scale=None), tooltip=alt.TooltipValue(None)),
        base.transform_filter(gap).mark_text(color="#333333", fontSize=14)
        .encode(text="sign:N", tooltip=alt.TooltipValue(None)),
    ]  # fmt: skip
    if details:
        picked = _picked(dyads)
        layers[0] = layers[0].add_params(picked)
        layers.append(
            base.transform_filter(known)
            .mark_rect(filled=False, stroke="black", strokeWidth=2.5)
            .transform_filter(picked)
        )
    # The numbers' own inks are no scale, and cannot share one with the squares.
    grid = alt.layer(*layers).resolve_scale(color="independent", stroke="independent")
    grid = grid.properties(
        width=CELL["width"] * max(len(columns), 1), height=CELL["height"] * max(len(rows), 1)
    )
    if not details:
        return grid.add_params(alt.param(name="order", value=ORDERS[0]), narrow())
    return alt.vconcat(grid, _panel(languages, runs, picked), spacing=24).add_params(
        order, narrow()
    )


def heat_map_cells(
    dyads: pd.DataFrame,
    languages: pd.DataFrame,
    runs: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
    status: Mapping[tuple[str, str], str],
) -> pd.DataFrame:
    """One row per cell of the heat map, in its order, with all that is written on it."""
    names = [name for name in intermediates if name != "none"]
    limit = colour_limit(dyads["gain"])
    means = dyads.groupby("intermediate")["gain"].mean()
    levels = languages.groupby(["intermediate", "target"])[["score", "baseline"]].mean()
    named = runs.groupby(["intermediate", "target"])["run"].agg(", ".join)
    known = {(row.intermediate, row.target): row for row in dyads.itertuples()}
    cells = []
    for position, name in enumerate(names):
        for target in targets:
            dyad = (name, target)
            state = status.get(dyad, "missing")
            cell = {
                "intermediate": name, "target": target, "row": written(name),
                "column": written(target), "position": position, "mean": means.get(name, -1e6),
                "pair": f"{written(name)} → {written(target)}", "run": named.get(dyad, "–"),
                "sign": "×" if state == "diverged" else "–", "gain": float("nan"), "told": False,
                "same_data": False, "gain_text": "–", "interval": "–", "score": "–",
                "baseline": "–", "languages": 0, "seeds": 0, "ink": "",
                "remark": "training diverged" if state == "diverged" else "no result",
            }  # fmt: skip
            if found := known.get(dyad):
                level = levels.loc[dyad]
                cell |= {
                    "gain": found.gain, "told": bool(found.distinguishable),
                    "same_data": bool(found.same_data), "ink": ink_on(found.gain, limit),
                    "gain_text": number(found.gain, signed=True),
                    "interval": interval(found.low, found.high) or "unknown",
                    "score": number(level["score"]), "baseline": number(level["baseline"]),
                    "languages": found.languages, "seeds": found.seeds,
                    "remark": "; ".join(_remarks(found)) or "–",
                }  # fmt: skip
            cells.append(cell)
    return pd.DataFrame(cells)


def _remarks(dyad: tuple) -> list[str]:
    told = [] if dyad.distinguishable else ["interval includes zero"]
    return told + (["trained on the target's own training data"] if dyad.same_data else [])


def _text(base: alt.Chart, condition: str, style: str) -> alt.Chart:
    # A phone's cells have no room for decimals; pointing at one gives them.
    label = "narrow ? format(datum.gain, '+.0f') : datum.gain_text"
    text = (
        base.transform_filter(condition)
        .transform_calculate(label=label)
        .mark_text(fontStyle=style, fontSize=alt.expr("narrow ? 10.5 : 12.5"))
    )
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


def _panel(languages: pd.DataFrame, runs: pd.DataFrame, picked: alt.Parameter) -> alt.TopLevelMixin:
    """Gain by language of the dyad that is picked, with intervals, and links to its receipts."""
    rows = languages.assign(
        pair=[f"{written(i)} → {written(t)}" for i, t in
              zip(languages["intermediate"], languages["target"], strict=True)],
    ).drop(columns="seeds")  # fmt: skip
    base = alt.Chart(table(rows)).transform_filter(picked)
    y = alt.Y(
        "language:N", title=None, sort=alt.EncodingSortField("gain", op="mean", order="descending")
    )
    tooltips = [
        alt.Tooltip("pair:N", title="gain of"), alt.Tooltip("language:N"),
        *(alt.Tooltip(f"{name}:Q", format=".1f")
          for name in ("gain", "low", "high", "score", "baseline")),
    ]  # fmt: skip
    bars = base.mark_bar(height=9, opacity=0.8).encode(
        y,
        alt.X("gain:Q", title="gain by language, with 95 % interval (points)"),
        color=alt.condition("datum.gain < 0", alt.value(ORANGE), alt.value(BLUE)),
        tooltip=tooltips,
    )
    intervals = base.mark_rule(color=INK).encode(y, x="low:Q", x2="high:Q")
    names = runs.assign(
        pair=[f"{written(i)} → {written(t)}" for i, t in
              zip(runs["intermediate"], runs["target"], strict=True)],
        text=["receipt of " + run for run in runs["run"]],
    )[["intermediate", "target", "pair", "seed", "text", "link"]]  # fmt: skip
    lines = alt.Chart(table(names)).transform_filter(picked)
    heading = (
        lines.transform_aggregate(groupby=["pair"])
        .mark_text(align="left", fontSize=15, fontWeight=600, color=INK, x=0, y=8)
        .encode(text="pair:N")
    )
    links = lines.mark_text(align="left", fontSize=12, color=BLUE, x=0).encode(
        alt.Y("seed:O", axis=None, scale=alt.Scale(paddingOuter=0.2)),
        text="text:N",
        href="link:N",
    )
    width = 430
    return alt.vconcat(
        heading.properties(width=width, height=16),
        alt.layer(bars, intervals).properties(width=width - 40, height=alt.Step(15)),
        links.properties(width=width, height=alt.Step(18)),
        spacing=6,
    )
