"""The page's tables ready for a paper: as numbers for TSV, as text for LaTeX."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pandas as pd

from xstilts.report import frames, markup, scores_table
from xstilts.report.formats import EMPTY, interval
from xstilts.report.html_table import Cell, Table
from xstilts.report.inputs import ReportInputs
from xstilts.report.language_data import language_names
from xstilts.report.names import titled, written
from xstilts.report.sections import scores, similarity

Frame: TypeAlias = pd.DataFrame


def numbers(name: str, inputs: ReportInputs) -> Frame:
    """Table `name` with its numbers in full."""
    return TABLES[name][0](inputs)


def printed(name: str, inputs: ReportInputs) -> Table:
    """Table `name` as the page prints it, in the form that a paper has room for."""
    with titled(inputs.titles):
        return TABLES[name][1](inputs)


def _scores(inputs: ReportInputs) -> Frame:
    primary = inputs.scores[inputs.scores["primary"].astype(bool)]
    values = scores_table.mean_scores(primary)
    rows = [
        [values.get((name, target)) for target in inputs.targets] for name in inputs.intermediates
    ]
    table = pd.DataFrame(rows, index=inputs.intermediates, columns=inputs.targets, dtype=float)
    averages = scores_table.averages(inputs.xtreme, inputs.targets)
    table[scores_table.AVERAGE] = table.index.map(averages).astype(float)
    table.index.name = "intermediate"
    return table


def _printed_scores(inputs: ReportInputs) -> Table:
    return scores.context(inputs)["scores"] or Table("", ["intermediate"], [])


def _gains(inputs: ReportInputs) -> Frame:
    return frames.gain_table(inputs.dyads, inputs.intermediates, inputs.targets)


def _printed_gains(inputs: ReportInputs) -> Table:
    """Intermediate x target: the gain, and below it its interval; bold where that excludes zero."""
    known = {(row.intermediate, row.target): row for row in inputs.dyads.itertuples()}
    rows = [
        [
            Cell(written(name)),
            *(_gain(known.get((name, target))) for target in inputs.targets),
        ]
        for name in inputs.intermediates
        if name != "none"
    ]
    return Table("", ["intermediate", *map(written, inputs.targets)], rows)


def _gain(dyad: Any) -> Cell:
    if dyad is None:
        return Cell(EMPTY)
    bold = dyad.excludes_zero and not dyad.unlearned
    text = f"{markup.dagger(dyad)}\n{interval(dyad.low, dyad.high)}".rstrip()
    return Cell(text, "best" if bold else "")


def _claims(inputs: ReportInputs) -> Frame:
    return inputs.claims


def _printed_claims(inputs: ReportInputs) -> Table:
    return markup.claims(inputs.claims, "")


def _inference(name: str) -> tuple[Callable, Callable]:
    """The table as the rule that infers wrote it, and as the page shows it."""

    def shown(inputs: ReportInputs) -> Table:
        contract = next(table for table in inputs.contracts if table.name == name)
        names = language_names(inputs.languages)
        return similarity.shown(inputs.inference[name], contract, names)

    return (lambda inputs: inputs.inference[name]), shown


TABLES: dict[str, tuple[Callable[[ReportInputs], Frame], Callable[[ReportInputs], Table]]] = {
    "scores": (_scores, _printed_scores),
    "gains": (_gains, _printed_gains),
    "claims": (_claims, _printed_claims),
    "effects": _inference("effects"),
    "measures": _inference("measures"),
    "selection": _inference("selection"),
}
"""Name -> how its numbers and how its text are made."""
