"""Data frames as tables of the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from xstilts.report.formats import EMPTY, duration, interval, number
from xstilts.report.names import written
from xstilts.report.tables import AVERAGE


@dataclass(frozen=True)
class Cell:
    """One cell: its text, a CSS class (``, `best`, `quiet`, `failed`) and a link, if any."""

    text: str
    kind: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A caption, the column heads, and rows whose first cell is the row's head."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]
    words: tuple[int, ...] = (0,)
    """Positions of the columns of words, which are set flush left; numbers are set flush right."""


def wide(table: pd.DataFrame, caption: str, column: Callable[[str], str] = written) -> Table:
    """Intermediates x columns of scores; all that print like the best of a column are `best`."""
    printed = {name: [number(value) for value in table[name]] for name in table}
    best = {name: number(table[name].max()) for name in table}
    rows = [
        [Cell(written(intermediate))]
        + [
            Cell(
                printed[name][position],
                "best" if len(table) > 1 and printed[name][position] == best[name] != EMPTY else "",
            )
            for name in table
        ]
        for position, intermediate in enumerate(table.index)
    ]
    head = ["intermediate"] + [AVERAGE if name == AVERAGE else column(name) for name in table]
    return Table(caption, head, rows)


def gains(table: pd.DataFrame, caption: str) -> Table:
    """Dyads with their intervals."""
    head = ["intermediate", "target", "gain", "95 % interval", "languages", "seeds", "remark"]
    rows = [
        [
            Cell(written(row.intermediate)),
            Cell(written(row.target)),
            Cell(number(row.gain, signed=True)),
            Cell(interval(row.low, row.high) or EMPTY),
            Cell(str(row.languages)),
            Cell(str(row.seeds)),
            Cell("; ".join(_remarks(row)), "quiet"),
        ]
        for row in table.itertuples()
    ]
    return Table(caption, head, rows, words=(0, 1, 6))


def _remarks(row: tuple) -> Iterable[str]:
    if not row.distinguishable:
        yield "includes zero"
    if row.same_data:
        yield "same training data"


def learning(table: pd.DataFrame, caption: str) -> Table:
    """Does each model know its own task in English?"""
    head = ["task", "role", "metric", "chance", "English dev", "learned", "English test",
            "other languages"]  # fmt: skip
    rows = [
        [
            Cell(written(row.task)),
            Cell(row.role),
            Cell(row.metric),
            Cell(number(row.chance)),
            Cell(f"{number(row.english_dev)} ± {number(row.standard_error)}"),
            _answer(row.learned),
            *(Cell(number(value)) for value in (row.english_test, row.other_languages)),
        ]
        for row in table.itertuples()
    ]
    return Table(caption, head, rows, words=(0, 1, 2, 5))


def _answer(learned: object) -> Cell:
    if pd.isna(learned):
        return Cell(EMPTY)
    return Cell("yes") if learned else Cell("no", "failed")


def stages(table: pd.DataFrame, caption: str) -> Table:
    """Cost by stage, and its sum."""
    rows = [
        [Cell(str(row.stage)), Cell(f"{int(row.runs):,}"), Cell(duration(row.cpu_seconds)),
         Cell(duration(row.hours * 3600))]
        for row in table.itertuples()
    ]  # fmt: skip
    rows.append(
        [Cell("all"), Cell(f"{int(table['runs'].sum()):,}"),
         Cell(duration(table["cpu_seconds"].sum())), Cell(duration(table["hours"].sum() * 3600))]
    )  # fmt: skip
    return Table(caption, ["stage", "runs", "CPU time", "wall time"], rows)


def runs(index: pd.DataFrame, caption: str, folder: str) -> Table:
    """Every cell of the study with a link to the receipt of its run."""
    rows = [
        [
            Cell(written(row.intermediate)),
            Cell(written(row.target)),
            Cell(str(row.seed)),
            Cell(str(row.status), "" if row.status == "done" else "failed"),
            _receipt(row.run, folder),
        ]
        for row in index.itertuples()
    ]
    head = ["intermediate", "target", "seed", "status", "run"]
    return Table(caption, head, rows, words=(0, 1, 3, 4))


def _receipt(run: object, folder: str) -> Cell:
    if pd.isna(run) or not run:
        return Cell(EMPTY)
    path = run if "/" in str(run) else f"target/{run}"
    return Cell(str(run), link=f"{folder}/{path}/receipt.json")
