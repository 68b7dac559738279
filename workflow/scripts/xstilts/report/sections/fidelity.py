"""What cheap runs told of full ones, where the study has both; or that it has cheap ones alone."""

import pandas as pd

from xstilts.core.fidelity import ALL, in_a_sentence, in_words
from xstilts.report.html_table import Cell, Table
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context | None:
    """The comparison; None where nothing was run cheaply, or nothing in full."""
    if inputs.fidelity.empty:
        return None
    settings = inputs.config["fidelity"]
    return {
        "sentence": in_a_sentence(inputs.fidelity.to_dict("records")),
        "name": settings["name"],
        "words": in_words(settings),
        "table": _table(inputs.fidelity),
    }


def _table(compared: pd.DataFrame) -> Table:
    rows = [
        [
            Cell(ALL if row.target == ALL else written(row.target)),
            Cell(str(int(row.rows))),
            Cell(_number(row.spearman, 2)),
            *(Cell(_name(name)) for name in (row.best, row.cheap_best)),
            Cell(f"{row.same_best:.0%}" if row.target == ALL else "yes" if row.same_best else "no"),
            Cell(_number(row.lost, 1)),
            Cell(_name(row.popular)),
            Cell(_number(row.lost_popular, 1)),
        ]
        for row in compared.itertuples()
    ]
    head = ["target", "rows", "rank correlation", "best in full", "best when cheap", "the same",
            "lost\npoints", "most popular elsewhere", "lost by it\npoints"]  # fmt: skip
    return Table("Cheap runs beside full ones.", head, rows, words=(0, 3, 4, 5, 7))


def _number(value: float, digits: int) -> str:
    return "" if pd.isna(value) else f"{value:.{digits}f}"


def _name(row: object) -> str:
    return "" if pd.isna(row) else written(str(row))


SECTION = Section(
    name="fidelity",
    title="Cheap runs and full ones",
    order=86,
    reads=("fidelity", "config"),
    context=context,
)
