"""Gain against similarity, a point per dyad, and the slopes within targets."""

import altair as alt
import pandas as pd

from xstilts.report.charts.point_labels import domain, placed, texts
from xstilts.report.charts.theme import BLUE, GREY, INK, NARROW, ORANGE, fitted, table
from xstilts.report.names import written

WIDTH, HEIGHT = 700, 500

AXES = {
    "raw": ("similarity_standardised", "gain_standardised",
            ["similarity (standard deviations)"],
            ["gain within its target", "(standard deviations)"]),
    "double-centred": ("similarity_centred", "gain_centred",
                       ["similarity beyond what its two", "tasks have on average"],
                       ["gain beyond what its two", "tasks have on average"]),
}  # fmt: skip


def gain_against_similarity(
    dyads: pd.DataFrame, slope: tuple[float, float, float] | None
) -> alt.TopLevelMixin | None:
    """Two panels, raw and double-centred; each point a dyad with its name.

    `slope` is the honest estimate with its interval, in standard deviations of gain per standard
    deviation of similarity; its band goes through the means and shows the uncertainty of the slope
    alone. The double-centred panel has no band, since its axes are in other units.
    """
    if dyads.empty:
        return None
    rows = dyads.assign(
        pair=dyads["intermediate"].map(written) + " → " + dyads["target"].map(written),
        kind=dyads["same_data"].map({True: "same training data", False: "other pairs"}),
    )
    panels = []
    for title, (x, y, x_title, y_title) in AXES.items():
        shown = rows[["pair", "kind", "gain", "similarity", x, y]].dropna(subset=[x, y])
        shown = placed(shown, x, y, "pair", (WIDTH, NARROW), HEIGHT)
        base = alt.Chart(table(shown.rename(columns={x: "x", y: "y"})))
        points = base.encode(
            alt.X("x:Q", title=x_title, scale=alt.Scale(domain=domain(shown[x]), nice=False)),
            alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=domain(shown[y]), nice=False)),
            tooltip=[
                alt.Tooltip("pair:N", title="pair"), alt.Tooltip("gain:Q", format="+.1f"),
                alt.Tooltip("similarity:Q", format=".3f"), alt.Tooltip("kind:N", title="remark"),
            ],
        )  # fmt: skip
        layers = [
            points.mark_point(filled=True, size=46, opacity=0.85).encode(
                color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="top", columns=1),
                                scale=alt.Scale(domain=["other pairs", "same training data"],
                                                range=[BLUE, ORANGE])),
                shape=alt.Shape("kind:N", title=None,
                                scale=alt.Scale(domain=["other pairs", "same training data"],
                                                range=["circle", "diamond"]))),
            *texts(points, "pair"),
        ]  # fmt: skip
        if title == "raw" and slope is not None and len(shown):
            layers = [*_band(shown[x].min(), shown[x].max(), slope), *layers]
        panels.append(
            alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title.capitalize())
        )
    whole = alt.vconcat(*panels, spacing=32).resolve_scale(color="shared", shape="shared")
    return fitted(whole)


def _band(start: float, end: float, slope: tuple[float, float, float]) -> list[alt.Chart]:
    estimate, low, high = slope
    steps = [start + (end - start) * step / 20 for step in range(21)]
    band = pd.DataFrame(
        {
            "x": steps,
            "middle": [estimate * x for x in steps],
            "low": [min(low * x, high * x) for x in steps],
            "high": [max(low * x, high * x) for x in steps],
        }
    )
    base = alt.Chart(table(band)).encode(x="x:Q")
    return [
        base.mark_area(color=GREY, opacity=0.22, clip=True).encode(y="low:Q", y2="high:Q"),
        base.mark_line(color=INK, strokeWidth=1.5, clip=True).encode(y="middle:Q"),
    ]


def dots(
    rows: pd.DataFrame,
    label: str,
    title: str | list[str],
    *,
    colour: str | None = None,
    colours: dict[str, str] | None = None,
    width: int = 430,
    sort: list[str] | str | None = None,
    tooltips: tuple[str, ...] = (),
) -> alt.LayerChart:
    """A point with its interval per row, and a line at zero: the form of all forest plots here.

    `rows` has the columns `label`, estimate, low, high; `colours` maps the values of column
    `colour` to colours.
    """
    base = alt.Chart(table(rows)).encode(
        alt.Y(f"{label}:N", title=None, sort=sort or list(dict.fromkeys(rows[label]))),
        tooltip=[
            alt.Tooltip(f"{label}:N"),
            *(alt.Tooltip(f"{name}:Q", format="+.3f") for name in ("estimate", "low", "high")),
            *(alt.Tooltip(f"{name}:N") for name in tooltips),
        ],
    )
    if colour and colours:
        paint = alt.Color(
            f"{colour}:N", title=None, legend=alt.Legend(orient="top", columns=1),
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        )  # fmt: skip
    else:
        paint = alt.value(BLUE)
    # Few enough for a phone; Vega never leaves out the last one.
    axis = alt.Axis(tickCount=3)
    x = alt.X("low:Q", title=title, scale=alt.Scale(zero=False), axis=axis)
    zero = alt.Chart(table(pd.DataFrame({"zero": [0]}))).mark_rule(color=INK, strokeDash=[3, 3])
    return alt.layer(
        zero.encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2.2).encode(x, x2="high:Q", color=paint),
        base.mark_point(filled=True, size=62, opacity=1).encode(x="estimate:Q", color=paint),
    ).properties(width=width, height=alt.Step(24))


def target_slopes(slopes: pd.DataFrame, targets: list[str]) -> alt.TopLevelMixin | None:
    """Slope of the gain on similarity within each target, with its interval."""
    if slopes.empty:
        return None
    rows = slopes.rename(columns={"slope": "estimate"}).assign(
        target=slopes["target"].map(written),
        spearman=slopes["spearman"].map(lambda value: f"{value:+.2f}"),
    )
    order = [written(name) for name in targets if name in set(slopes["target"])]
    return dots(rows, "target", ["slope of the gain on similarity,", "with 95 % interval"],
                sort=order, tooltips=("spearman", "dyads"))  # fmt: skip
