"""The page's tables ready for a paper: as numbers for TSV, as text for LaTeX."""

from collections.abc import Callable

import pandas as pd

from xstilts.report import frames, scores_table
from xstilts.report.formats import interval, number
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import titled, written

Frame = pd.DataFrame


def numbers(name: str, inputs: ReportInputs) -> Frame:
    """Table `name` with its numbers in full."""
    return TABLES[name][0](inputs)


def printed(name: str, inputs: ReportInputs) -> Frame:
    """Table `name` as it is printed."""
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


def _printed_scores(inputs: ReportInputs) -> Frame:
    return scores_table.printed(
        scores_table.paper_table(inputs.scores, inputs.xtreme, inputs.intermediates, inputs.targets)
    )


def _gains(inputs: ReportInputs) -> Frame:
    return frames.gain_table(inputs.dyads, inputs.intermediates, inputs.targets)


def _printed_gains(inputs: ReportInputs) -> Frame:
    rows = {
        (row.intermediate, row.target): f"{number(row.gain, signed=True)} "
        f"{interval(row.low, row.high)}".replace("\u00a0", " ").strip()
        for row in _gains(inputs).itertuples()
    }
    names = [name for name in inputs.intermediates if name != "none"]
    grid = [[rows.get((name, target), "–") for target in inputs.targets] for name in names]
    table = Frame(grid, index=map(written, names), columns=list(map(written, inputs.targets)))
    table.index.name = "intermediate"
    return table


def _claims(inputs: ReportInputs) -> Frame:
    return inputs.claims


def _printed_claims(inputs: ReportInputs) -> Frame:
    table = inputs.claims[["claim", "part", "statement", "published", "measured", "verdict"]]
    return table.fillna("").astype(str)


def _inference(name: str) -> tuple[Callable, Callable]:
    return (lambda inputs: inputs.inference[name], lambda inputs: inputs.inference[name])


TABLES: dict[str, tuple[Callable[[ReportInputs], Frame], Callable[[ReportInputs], Frame]]] = {
    "scores": (_scores, _printed_scores),
    "gains": (_gains, _printed_gains),
    "claims": (_claims, _printed_claims),
    "effects": _inference("effects"),
    "measures": _inference("measures"),
    "selection": _inference("selection"),
}
"""Name -> how its numbers and how its text are made."""
