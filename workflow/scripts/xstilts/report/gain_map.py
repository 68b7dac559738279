"""The map of gains as the page shows it: a table whose cells tell all that is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xstilts.report import gaps
from xstilts.report.charts.heat_map_cells import FACTS, heat_map_cells
from xstilts.report.names import receipt_link, written
from xstilts.report.report_inputs import ReportInputs


@dataclass(frozen=True)
class MapCell:
    """One cell: its text, colours and marks, and its facts, one a line, as `what: value`."""

    dyad: str
    text: str
    colour: str
    ink: str
    kind: str
    facts: str


@dataclass(frozen=True)
class MapRow:
    """An intermediate task, its mean gain (for sorting), and its cells."""

    name: str
    mean: float
    cells: list[MapCell]


def runs_of_cells(inputs: ReportInputs) -> pd.DataFrame:
    """Done cells with their run and the link to its receipt."""
    index = inputs.index[inputs.index["status"] == "done"]
    index = index.dropna(subset=["run"])[["intermediate", "target", "seed", "run"]]
    return index.assign(link=[receipt_link(run, inputs.runs) for run in index["run"]])


def cells(inputs: ReportInputs) -> pd.DataFrame:
    """The cells of the map, as from `heat_map_cells`; none without gains."""
    if inputs.gains.empty:
        return pd.DataFrame()
    return heat_map_cells(
        inputs.dyads, inputs.language_gains, runs_of_cells(inputs),
        inputs.intermediates, inputs.targets, gaps.dyad_status(inputs.index),
    )  # fmt: skip


def rows(inputs: ReportInputs) -> list[MapRow]:
    """The map, row by row."""
    table = cells(inputs)
    if table.empty:
        return []
    return [
        MapRow(
            written(str(name)),
            round(float(own["mean"].iloc[0]), 4),
            list(map(_cell, own.to_dict("records"))),
        )
        for name, own in table.groupby("intermediate", sort=False)
    ]


def _cell(cell: Mapping[str, Any]) -> MapCell:
    known = pd.notna(cell["gain"])
    marks = {
        "unsure": known and not cell["told"],
        "same": cell["same_data"],
        "unlearned": not cell["learned"],
        "gap": not known,
    }
    return MapCell(
        dyad=f"{cell['intermediate']} {cell['target']}",
        text=cell["label"] if known else cell["sign"],
        colour=cell["colour"],
        ink=cell["ink"],
        kind=" ".join(mark for mark, holds in marks.items() if holds),
        facts="\n".join(f"{title}: {cell[column]}" for column, title in FACTS.items()),
    )


def receipts(inputs: ReportInputs) -> dict[str, list[str]]:
    """Dyad -> links to the receipts of its runs."""
    runs = runs_of_cells(inputs)
    links: dict[str, list[str]] = {}
    for row in runs[runs["intermediate"] != "none"].itertuples():
        links.setdefault(f"{row.intermediate} {row.target}", []).append(row.link)
    return links
