"""Data frames as tables of the page."""

from collections.abc import Iterable, Mapping

import pandas as pd

from xstilts.report.formats import EMPTY, duration, interval, number
from xstilts.report.html_table import Cell, Table
from xstilts.report.names import receipt_link, written
from xstilts.report.scores_table import AVERAGE


def paper(
    table: pd.DataFrame, metrics: Mapping[str, str], bold: Mapping[str, set[str]], caption: str
) -> Table:
    """The paper's table: metrics under the targets' names, `best` where `bold` says so."""
    rows = [
        [Cell(written(name))]
        + [
            Cell(str(table.loc[name, column]), "best" if name in bold.get(column, ()) else "")
            for column in table.columns
        ]
        for name in table.index
    ]
    head = [
        f"{_column(column)}\n{metrics[column]}" if column in metrics else _column(column)
        for column in table.columns
    ]
    return Table(caption, ["intermediate", *head], rows)


def published(table: pd.DataFrame) -> list[list[Cell]]:
    """Rows of other systems below the paper's table."""
    return [
        [Cell(str(system), "quiet"), *(Cell(str(value), "quiet") for value in table.loc[system])]
        for system in table.index
    ]


def _column(name: str) -> str:
    return name if name == AVERAGE else written(name)


def by_language(table: pd.DataFrame, caption: str) -> Table:
    """Intermediates x languages; all that print like the best of a column are `best`."""
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
    return Table(caption, ["intermediate", *table.columns], rows)


def claims(table: pd.DataFrame, caption: str) -> Table:
    """Each claim with the published and the measured figure, and the verdict."""
    rows = [
        [
            Cell(f"{row.claim}{'' if pd.isna(row.part) else row.part}"),
            Cell(str(row.statement), "wrap"),
            Cell(EMPTY if pd.isna(row.published) else str(row.published) or EMPTY),
            Cell(_measured(row.measured)),
            Cell(interval(row.low, row.high) or EMPTY),
            Cell(str(row.verdict), VERDICT_KINDS.get(str(row.verdict), "")),
            Cell("" if pd.isna(row.note) else str(row.note), "quiet wrap"),
        ]
        for row in table.itertuples()
    ]
    head = ["claim", "what the paper says", "published", "here", "95 % interval", "verdict",
            "remark"]  # fmt: skip
    return Table(caption, head, rows, words=(0, 1, 5, 6))


VERDICT_KINDS = {"supports": "best", "contradicts": "failed", "not run": "quiet"}


def _measured(value: object) -> str:
    """Gains get a sign, counts and names stay as they are."""
    text = EMPTY if pd.isna(value) or value == "" else str(value)
    try:
        return text if text.isdigit() else number(float(text), signed=True)
    except ValueError:
        return text


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
    if not row.excludes_zero:
        yield "includes zero"
    if row.same_data:
        yield "same training data"
    if row.unlike_numerics:
        yield "unlike numerics"


CHOSEN_ON = {
    "english_dev": "English dev set",
    "target_dev": "dev sets in its languages",
    "target_halves": "other half of its test sentences",
}


def best(table: pd.DataFrame, caption: str) -> Table:
    """The chosen row of each target beside its baseline."""
    head = ["target", "chosen", "gain", "95 % interval", "test", "baseline", "chosen on",
            "score there"]  # fmt: skip
    rows = [
        [
            Cell(written(row.target)),
            Cell(" / ".join(map(written, row.intermediate.split(" / ")))),
            *_gain(row),
            *(Cell(number(value)) for value in (row.test_score, row.baseline)),
            Cell(CHOSEN_ON[row.chosen_on]),
            Cell(number(row.dev_score)),
        ]
        for row in table.itertuples()
    ]
    return Table(caption, head, rows, words=(0, 1, 6))


def rivals(table: pd.DataFrame, caption: str) -> Table:
    """All rows of each target with their ranks; the chosen one in bold."""
    head = ["target", "row", "dev", "rank on dev", "test", "rank on test", "gain", "95 % interval"]
    rows = [
        [
            Cell(written(row.target)),
            Cell(written(row.intermediate), "best" if row.chosen else ""),
            Cell(number(row.dev_score)),
            Cell(EMPTY if pd.isna(row.dev_rank) else f"{row.dev_rank:.0f}"),
            Cell(number(row.test_score)),
            Cell(str(row.test_rank)),
            *(_gain(row) if row.intermediate != "none" else (Cell(EMPTY), Cell(EMPTY))),
        ]
        for row in table.itertuples()
    ]
    return Table(caption, head, rows, words=(0, 1))


def _gain(row: tuple) -> tuple[Cell, Cell]:
    return Cell(number(row.gain, signed=True)), Cell(interval(row.low, row.high) or EMPTY)


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
         Cell(duration(row.hours * 3600)), Cell(_rate(row.tokens_per_second))]
        for row in table.itertuples()
    ]  # fmt: skip
    rows.append(
        [Cell("all"), Cell(f"{int(table['runs'].sum()):,}"),
         Cell(duration(table["cpu_seconds"].sum())), Cell(duration(table["hours"].sum() * 3600)),
         Cell(EMPTY)]
    )  # fmt: skip
    return Table(caption, ["stage", "runs", "CPU time", "wall time", "tokens per second"], rows)


def _rate(value: float) -> str:
    return EMPTY if pd.isna(value) else f"{value:,.0f}"


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
    return Cell(str(run), link=receipt_link(str(run), folder))
