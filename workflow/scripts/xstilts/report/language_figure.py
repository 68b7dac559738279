"""Scores by language: the baseline among all intermediate tasks, one panel per target."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from xstilts.report.drawing import INK, QUIET
from xstilts.report.names import written
from xstilts.report.tables import language_table

COLUMNS = 3
WIDTH, LINE, GAP, TOP = 8.9, 0.19, 0.62, 0.35  # inches: figure, language, around a panel, legend
OTHERS = "#3d85c6"  # seen on white and on black


def scores_by_language(
    scores: pd.DataFrame, intermediates: list[str], targets: list[str]
) -> Figure:
    """A ring for the baseline and a stroke for each intermediate task, mean over seeds.

    Languages stand in the order of the baseline's scores, so that one sees whether the gain depends
    on how well the language does without an intermediate task. A target without scores has none.
    """
    tables = {target: language_table(scores, target, intermediates) for target in targets}
    tables = {target: table for target, table in tables.items() if not table.empty}
    rows = max(math.ceil(len(tables) / COLUMNS), 1)
    most = max((len(table.columns) for table in tables.values()), default=1)
    panel = LINE * most + GAP
    height = rows * panel + TOP
    figure = Figure(figsize=(WIDTH, height))
    for position, (target, table) in enumerate(tables.items()):
        row, column = divmod(position, COLUMNS)
        tall = LINE * len(table.columns)
        bottom = height - TOP - row * panel - (GAP - 0.32) - tall
        left = 0.35 + column * WIDTH / COLUMNS
        size = (left / WIDTH, bottom / height, (WIDTH / COLUMNS - 0.5) / WIDTH, tall / height)
        _panel(figure.add_axes(size), target, table)
    figure.legend(
        handles=[
            Line2D([], [], ls="", marker="o", mfc="none", mec=INK, label="none (baseline)"),
            Line2D(
                [], [], ls="", marker="|", mec=OTHERS, ms=8, mew=1.4, label="an intermediate task"
            ),
        ],
        loc="upper left", bbox_to_anchor=(0.1 / WIDTH, 1), ncols=2, frameon=False, fontsize=8.5,
        labelcolor=INK, borderaxespad=0,
    )  # fmt: skip
    return figure


def _panel(axes: Axes, target: str, table: pd.DataFrame) -> None:
    reference = table.loc["none"] if "none" in table.index else table.mean()
    order = reference.sort_values(ascending=False, kind="stable", na_position="last").index
    for y, language in enumerate(order):
        values = table[language].drop("none", errors="ignore").dropna()
        axes.plot(values, [y] * len(values), "|", ms=8, mew=1.2, mec=OTHERS)
    if "none" in table.index:
        axes.plot(reference[order], range(len(order)), "o", ms=5, mfc="none", mec=INK, mew=1.1)
    axes.set_title(written(target), loc="left", fontsize=9.5, color=INK)
    axes.set_yticks(range(len(order)), order)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.tick_params(length=0, labelsize=8.5, colors=INK)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=QUIET, alpha=0.25, lw=0.6)
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
