"""The languages behind the cell of the heat map that is picked, and the receipts of its runs."""

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import BLUE, INK, ORANGE, table
from xstilts.report.names import written

WIDTH = 430


def panel(languages: pd.DataFrame, runs: pd.DataFrame, picked: alt.Parameter) -> alt.TopLevelMixin:
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
    return alt.vconcat(
        heading.properties(width=WIDTH, height=16),
        alt.layer(bars, intervals).properties(width=WIDTH - 40, height=alt.Step(15)),
        links.properties(width=WIDTH, height=alt.Step(18)),
        spacing=6,
    )
