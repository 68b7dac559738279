"""The heat map of gains."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from xstilts.report.colours import COLOURS, contrast, symmetric
from xstilts.report.drawing import INK, QUIET
from xstilts.report.formats import count, interval, number
from xstilts.report.names import written

MISSING = "#d4d4d4"
DARK, SOFT, LIGHT = "#111111", "#4a4a4a", "#ffffff"
CELL_WIDTH, CELL_HEIGHT, LEFT, TOP, BOTTOM = 0.82, 0.42, 1.55, 0.45, 1.05  # inches


def heat_map(
    dyads: pd.DataFrame,
    intermediates: list[str],
    targets: list[str],
    status: Mapping[tuple[str, str], str],
) -> Figure:
    """Intermediate tasks x target tasks, the gain as colour and as number.

    `dyads` as from `dyads.summarise`; the baseline is no row. A gain whose interval includes zero
    stands in italics with a hollow dot; a dyad whose intermediate task is also the target's
    training set has a frame; a dyad without a gain is grey, with a cross where its `status`
    (`gaps.dyad_status`) is `diverged` and a dash otherwise. The colours end at the 95th percentile
    of the absolute gains, so that one large cell does not make all others pale.
    """
    rows = [name for name in intermediates if name != "none"]
    width = max(LEFT + CELL_WIDTH * len(targets) + 0.15, 6.4)
    height = TOP + CELL_HEIGHT * max(len(rows), 1) + BOTTOM
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes(
        (
            LEFT / width,
            BOTTOM / height,
            CELL_WIDTH * max(len(targets), 1) / width,
            CELL_HEIGHT * max(len(rows), 1) / height,
        )
    )
    colour = ScalarMappable(symmetric(dyads["gain"]), COLOURS)
    known = {(row.intermediate, row.target): row for row in dyads.itertuples()}
    marks = set()
    for y, intermediate in enumerate(rows):
        for x, target in enumerate(targets):
            dyad = (intermediate, target)
            if dyad in known:
                marks |= _draw_gain(axes, x, y, known[dyad], colour)
            else:
                marks |= {_draw_gap(axes, x, y, status.get(dyad, "missing"))}
    _label(axes, rows, targets)
    if known:
        bar = figure.add_axes((LEFT / width, 0.52 / height, 2.2 / width, 0.13 / height))
        drawn = figure.colorbar(colour, cax=bar, orientation="horizontal", extend="both")
        drawn.solids.set_edgecolor("face")  # else the steps show as hairlines
        bar.tick_params(labelsize=8, colors=INK, length=2)
        bar.set_xlabel("gain over the baseline (points)", fontsize=8.5, color=INK)
        bar.spines[:].set_visible(False)
    _legend(figure, marks, (LEFT + 2.6) / width)
    return figure


def cell_titles(dyads: pd.DataFrame) -> dict[str, str]:
    """What a cell of the heat map says under the pointer: id of its group -> text."""
    return {
        _identity(row.intermediate, row.target): (
            f"{written(row.intermediate)} → {written(row.target)}: "
            f"{number(row.gain, signed=True)} {interval(row.low, row.high)}, "
            f"{count(row.languages, 'language')}, {count(row.seeds, 'seed')}"
        )
        for row in dyads.itertuples()
    }


def _identity(intermediate: str, target: str) -> str:
    return f"cell-{intermediate}-{target}"


def _square(axes: Axes, x: int, y: int, colour: str | tuple, **style: object) -> None:
    axes.add_patch(
        Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", lw=1.5, **style)
    )


def _draw_gain(axes: Axes, x: int, y: int, dyad: tuple, colour: ScalarMappable) -> set[str]:
    face = colour.to_rgba(dyad.gain)[:3]
    _square(axes, x, y, face, gid=_identity(dyad.intermediate, dyad.target))
    inks = (DARK, LIGHT) if dyad.distinguishable else (SOFT, DARK, LIGHT)
    ink = next((ink for ink in inks if contrast(face, ink) >= 4.5), DARK)
    style = "normal" if dyad.distinguishable else "italic"
    text = number(dyad.gain, signed=True)
    axes.text(x, y, text, ha="center", va="center", fontsize=9.5, color=ink, style=style)
    marks = set()
    if not dyad.distinguishable:
        axes.plot(x + 0.39, y - 0.27, "o", ms=3.6, mfc="none", mec=ink, mew=0.9)
        marks.add("zero")
    if dyad.same_data:
        axes.add_patch(
            Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, fill=False, edgecolor=ink, lw=1.0)
        )
        marks.add("same_data")
    return marks


def _draw_gap(axes: Axes, x: int, y: int, status: str) -> str:
    _square(axes, x, y, MISSING)
    diverged = status == "diverged"
    axes.plot(x, y, "x" if diverged else "_", ms=7, mec=SOFT, mew=1.3)
    return "diverged" if diverged else "missing"


def _label(axes: Axes, rows: list[str], targets: list[str]) -> None:
    axes.set_xlim(-0.5, max(len(targets), 1) - 0.5)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xticks(range(len(targets)), [written(name) for name in targets])
    axes.set_yticks(range(len(rows)), [written(name) for name in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=9.5, colors=INK)
    axes.spines[:].set_visible(False)


def _legend(figure: Figure, marks: set[str], left: float) -> None:
    def mark(sign: str, size: float) -> Line2D:
        return Line2D([], [], ls="", marker=sign, ms=size, mfc="none", mec=QUIET, mew=1.1)

    entries = {
        "zero": (mark("o", 4.5), "interval includes zero (number in italics)"),
        "same_data": (Patch(fill=False, ec=QUIET), "trained on the target's own training data"),
        "diverged": (mark("x", 7), "training diverged"),
        "missing": (mark("_", 7), "no result"),
    }
    shown = [entry for key, entry in entries.items() if key in marks]
    if shown:
        handles, labels = zip(*shown, strict=True)
        figure.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(left, 0.9 / figure.get_figheight()),
            frameon=False, fontsize=8.5, labelcolor=INK, borderaxespad=0, handlelength=1.4,
        )  # fmt: skip
