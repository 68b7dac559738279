"""Data frames as tables of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xstilts.evaluation.metrics import metric_of
from xstilts.report.advice import Advice
from xstilts.report.charts.heat_map_cells import remarks
from xstilts.report.formats import EMPTY, duration, interval, number
from xstilts.report.html_table import Cell, Table
from xstilts.report.language_data import named
from xstilts.report.names import receipt_link, written
from xstilts.report.scores_table import AVERAGE


def paper(
    table: pd.DataFrame, metrics: Mapping[str, str], bold: Mapping[str, set[str]], caption: str
) -> Table:
    """The paper's table: metrics under the targets' names, `best` where `bold` says so.

    `metrics` may say more of a column, such as that its target was not learned.
    """
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


def by_language(
    table: pd.DataFrame, caption: str, names: Mapping[str, str], *, bold: bool = True
) -> Table:
    """Languages x intermediates, from intermediate x language; `best` prints like a row's best.

    `names` of languages by code; `bold=False` where no score is one to be proud of.
    """
    rows = []
    for code in table:
        printed = [number(value) for value in table[code]]
        best = number(table[code].max()) if bold and len(table) > 1 else EMPTY
        rows.append(
            [
                Cell(named(str(code), names)),
                *(Cell(text, "best" if text == best != EMPTY else "") for text in printed),
            ]
        )
    return Table(caption, ["language", *map(written, table.index)], rows)


def claims(table: pd.DataFrame, caption: str) -> Table:
    """Each claim with the published and the measured figure, and the verdict with its reason."""
    rows = [
        [
            Cell(f"{row.claim}{'' if pd.isna(row.part) else row.part}"),
            Cell(str(row.statement), "wrap", note="" if pd.isna(row.note) else str(row.note)),
            Cell(EMPTY if pd.isna(row.published) else str(row.published) or EMPTY),
            Cell(_measured(row.measured)),
            Cell(interval(row.low, row.high) or EMPTY),
            Cell(_verdict(row), f"{VERDICT_KINDS.get(str(row.verdict), '')} wrap long".strip()),
        ]
        for row in table.itertuples()
    ]
    head = ["claim", "what the paper says", "published", "here", "95 % interval", "verdict"]
    return Table(caption, head, rows, words=(0, 1, 5))


def _verdict(row: Any) -> str:
    because = "" if pd.isna(row.because) else str(row.because)
    return f"{row.verdict}, because {because}" if because else str(row.verdict)


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
    head = ["intermediate", "target", "gain", "95 % interval", "languages", "seeds",
            "seeds above 0", "remark"]  # fmt: skip
    rows = [
        [
            Cell(written(row.intermediate)),
            Cell(written(row.target)),
            Cell(dagger(row)),
            Cell(interval(row.low, row.high) or EMPTY),
            Cell(str(row.languages)),
            Cell(str(row.seeds)),
            Cell(str(row.seeds_better)),
            Cell("; ".join(remarks(row)), "quiet wrap"),
        ]
        for row in table.itertuples()
    ]
    return Table(caption, head, rows, words=(0, 1, 7))


def dagger(dyad: Any) -> str:
    """The gain, marked where it rests on a run that did not learn."""
    text = number(dyad.gain, signed=True)
    return f"{text} †" if dyad.unlearned else text


CHOSEN_ON = {
    "english_dev": "English dev set",
    "target_dev": "dev sets in its languages",
    "target_halves": "other half of its test sentences",
}


def best(table: pd.DataFrame, rows: Sequence[Advice], caption: str) -> Table:
    """The row taken for each target, what it was chosen on, and the baseline's score there.

    `table` as `ReportInputs.best`, `rows` the advice of the page's first screen, whose gains and
    intervals these are.
    """
    choices = {row.target: row for row in table.itertuples()}
    head = ["target", "taken", "best but none", "its score there", "chosen on", "gain",
            "95 % interval"]  # fmt: skip
    lines = [
        [
            Cell(written(row.target)),
            Cell(_either(row.taken), "best"),
            Cell(_either(str(choices[row.target].intermediate))),
            Cell(number(choices[row.target].dev_score)),
            Cell(CHOSEN_ON.get(row.chosen_on, row.chosen_on)),
            *_gain(row),
        ]
        for row in rows
        if row.target in choices
    ]
    return Table(caption, head, lines, words=(0, 1, 2, 4))


def _either(names: str) -> str:
    return " or ".join(map(written, names.split(" / "))) or EMPTY


def rivals(
    table: pd.DataFrame,
    scores: Mapping[tuple[str, str], float],
    dyads: pd.DataFrame,
    caption: str,
) -> Table:
    """All rows of each target, the best on test first; the chosen one in bold.

    `table` as `ReportInputs.rivals`; test scores, gains and intervals are those of the page:
    `scores` by intermediate and target, `dyads`.
    """
    known = {(row.intermediate, row.target): row for row in dyads.itertuples()}
    head = ["target", "row", "dev", "rank on dev", "test", "rank on test", "gain", "95 % interval",
            "less luck"]  # fmt: skip
    lines = []
    for target, own in table.groupby("target", sort=False):
        tests = {name: scores.get((name, target), float("nan")) for name in own["intermediate"]}
        for row in sorted(own.itertuples(), key=lambda row: _downwards(tests[row.intermediate])):
            lines.append(_rival(row, tests, known.get((row.intermediate, target))))
    return Table(caption, head, lines, words=(0, 1))


def _downwards(value: float) -> float:
    return float("inf") if pd.isna(value) else -value


def _rival(row: Any, tests: Mapping[str, float], dyad: Any) -> list[Cell]:
    test = tests[row.intermediate]
    rank = EMPTY if pd.isna(test) else str(1 + sum(other > test for other in tests.values()))
    return [
        Cell(written(row.target)),
        Cell(written(row.intermediate), "best" if row.chosen else ""),
        Cell(number(row.dev_score)),
        Cell(EMPTY if pd.isna(row.dev_rank) else f"{row.dev_rank:.0f}"),
        Cell(number(test)),
        Cell(rank),
        *((Cell(EMPTY), Cell(EMPTY)) if dyad is None else
          (Cell(dagger(dyad)), Cell(interval(dyad.low, dyad.high) or EMPTY))),
        Cell(number(row.gain_shrunken, signed=True)),
    ]  # fmt: skip


def _gain(row: Advice) -> tuple[Cell, Cell]:
    return Cell(number(row.gain, signed=True)), Cell(interval(row.low, row.high) or EMPTY)


def learning(table: pd.DataFrame, caption: str) -> Table:
    """Does each model know its own task in English?"""
    head = ["task", "role", "metric", "chance", "English dev", "learned", "English test",
            "other languages"]  # fmt: skip
    rows = [
        [
            Cell(written(row.task)),
            Cell(row.role),
            Cell(metric_of(row.metric).paper_name),
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
