"""The page's tables ready for a paper: as numbers for TSV, as text for LaTeX.

The rule that writes them takes their names from here while a Snakefile is read; what makes them is
imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from xstilts.report.html_table import Cell, Table
    from xstilts.report.report_inputs import ReportInputs


@dataclass(frozen=True)
class PaperTable:
    """A table for a paper.

    Attributes:
        numbers: its numbers in full.
        printed: as the page prints it, in the form that a paper has room for.
        category: under which Snakemake's own report has it.
    """

    numbers: Callable[[ReportInputs], pd.DataFrame]
    printed: Callable[[ReportInputs], Table]
    category: str = "Similarity"


def numbers(name: str, inputs: ReportInputs) -> pd.DataFrame:
    """Table `name` with its numbers in full."""
    return PAPER_TABLES[name].numbers(inputs)


def printed(name: str, inputs: ReportInputs) -> Table:
    """Table `name` as the page prints it, in the form that a paper has room for."""
    from xstilts.report.names import titled

    with titled(inputs.titles):
        return PAPER_TABLES[name].printed(inputs)


def _scores(inputs: ReportInputs) -> pd.DataFrame:
    import pandas as pd

    from xstilts.report import scores_table

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
    from xstilts.report.html_table import Table
    from xstilts.report.sections import scores

    return scores.context(inputs)["scores"] or Table("", ["intermediate"], [])


def _gains(inputs: ReportInputs) -> pd.DataFrame:
    from xstilts.report import frames

    return frames.gain_table(inputs.dyads, inputs.intermediates, inputs.targets)


def _printed_gains(inputs: ReportInputs) -> Table:
    """Intermediate x target: the gain, and below it its interval; bold where that excludes zero."""
    from xstilts.report.html_table import Cell, Table
    from xstilts.report.names import written

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
    from xstilts.report import markup
    from xstilts.report.formats import EMPTY, interval
    from xstilts.report.html_table import Cell

    if dyad is None:
        return Cell(EMPTY)
    bold = dyad.excludes_zero and not dyad.unlearned
    text = f"{markup.dagger(dyad)}\n{interval(dyad.low, dyad.high)}".rstrip()
    return Cell(text, "best" if bold else "")


def _claims(inputs: ReportInputs) -> pd.DataFrame:
    return inputs.claims


def _printed_claims(inputs: ReportInputs) -> Table:
    from xstilts.report import markup

    return markup.claims(inputs.claims, "")


def _inference(name: str) -> PaperTable:
    """The table as the rule that infers wrote it, and as the page shows it."""

    def shown(inputs: ReportInputs) -> Table:
        from xstilts.report.language_data import language_names
        from xstilts.report.sections import similarity

        contract = next(table for table in inputs.contracts if table.name == name)
        names = language_names(inputs.languages)
        return similarity.shown(inputs.inference[name], contract, names)

    return PaperTable(lambda inputs: inputs.inference[name], shown)


PAPER_TABLES = {
    "scores": PaperTable(_scores, _printed_scores, "Scores"),
    "gains": PaperTable(_gains, _printed_gains, "Gains"),
    "claims": PaperTable(_claims, _printed_claims, "Claims"),
    **{name: _inference(name) for name in ("effects", "measures", "selection")},
}
