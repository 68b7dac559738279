"""The page of a study of several encoders: what is so with all of them, and where they differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from xstilts.core.table_contract import POINTS, TableContract
from xstilts.report import drawing, dyad_gains, encoder_choice
from xstilts.report.advice import Advice, advice
from xstilts.report.encoder_choice import Choice
from xstilts.report.formats import EMPTY, count, interval, minus_in_words, number
from xstilts.report.html_table import Cell, Table, frame
from xstilts.report.names import titled, written
from xstilts.report.page import drawn, environment
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.sections.similarity import SECTION, context
from xstilts.sources import source_of

OVER_ALL = "over all encoders"


@dataclass(frozen=True)
class EncodersInputs:
    """What the page is made from.

    Attributes:
        joint: what is so over all encoders: gains with the encoder's number as the seed, their
            similarity and inference.
        encoders: the inputs of each encoder's own page, by its name.
        tables: the tables on the encoders, by name.
        contracts: what these are.
    """

    joint: ReportInputs
    encoders: Mapping[str, ReportInputs]
    tables: Mapping[str, pd.DataFrame]
    contracts: Iterable[TableContract]


@dataclass(frozen=True)
class Chosen:
    """What to take over all encoders, and with each, in the order of the targets."""

    joint: list[Choice]
    own: dict[str, list[Advice]]

    @classmethod
    def of(cls, inputs: EncodersInputs) -> "Chosen":
        """The choices of a study."""
        joint = inputs.joint
        rivals = {name: own.rivals for name, own in inputs.encoders.items()}
        choices = encoder_choice.choose(
            joint.targets, rivals, joint.gains, joint.dyads, joint.errors
        )
        return cls(choices, {name: advice(own) for name, own in inputs.encoders.items()})

    def table(self) -> pd.DataFrame:
        """As tables/best.tsv has them."""
        rows = list(encoder_choice.rows(self.joint, self.own, OVER_ALL))
        return pd.DataFrame(rows, columns=encoder_choice.COLUMNS)


def render_encoders(inputs: EncodersInputs, chosen: Chosen) -> str:
    """The page as HTML. The same inputs give the same bytes."""
    with titled(inputs.joint.titles):
        return _rendered(inputs, chosen)


def _rendered(inputs: EncodersInputs, chosen: Chosen) -> str:
    joint, templates = inputs.joint, environment()
    charts = drawn(joint)
    shared = {"written": written, "count": count, "charts": charts}
    section = templates.get_template(f"{SECTION.name}.html.jinja")
    answer = {key: _said(value) for key, value in joint.answer.items()}
    return templates.get_template("encoders_page.html.jinja").render(
        study=joint.study,
        description=joint.description,
        study_line=_study_line(inputs),
        banner=source_of(joint.data).banner,
        encoders=list(inputs.encoders),
        advice=_advice(chosen, inputs),
        answer=answer,
        common=_common(joint.answer.get("common_share")),
        slopes=_slopes(inputs),
        agreement=[
            frame(inputs.tables[contract.name], contract.caption, str, contract.columns)
            for contract in inputs.contracts
            if contract.name != "encoder_slopes" and not inputs.tables[contract.name].empty
        ],
        gains=_gains(inputs),
        rule=dyad_gains.EVERYWHERE,
        similarity=Markup(section.render(**shared, **context(joint))),
        problems=list(dict.fromkeys([*answer.get("problems", []), *joint.problems])),
        player=Markup(drawing.player()) if charts else "",
    )


def _said(value: Any) -> Any:
    return minus_in_words(value) if isinstance(value, str) else value


def _study_line(inputs: EncodersInputs) -> str:
    joint = inputs.joint
    rows = [name for name in joint.intermediates if name != "none"]
    parts = [
        count(len(inputs.encoders), "encoder"),
        f"{count(len(rows), 'intermediate task')} × {count(len(joint.targets), 'target')}",
    ]
    if len(joint.gains):
        parts.append(count(joint.gains["language"].nunique(), "language"))
    seeds = {own.index["seed"].nunique() for own in inputs.encoders.values() if len(own.index)}
    return " · ".join([*parts, *(count(number, "seed") for number in sorted(seeds)[:1])])


def _advice(chosen: Chosen, inputs: EncodersInputs) -> Table | None:
    if not any(choice.taken for choice in chosen.joint):
        return None
    head = ["target", "take", "gain", "95 % interval", "tied", "encoders above 0"]
    names = list(inputs.encoders)
    rows = [
        [
            *_joint_cells(choice, len(names)),
            *(_own_cell(chosen.own[name][number]) for name in names),
        ]
        for number, choice in enumerate(chosen.joint)
    ]
    caption = "What to take for each target over all encoders, and with each of them."
    words = (0, 1, 4, *range(6, 6 + len(names)))
    return Table(caption, [*head, *(f"{name}\nalone" for name in names)], rows, words, "advice")


def _joint_cells(choice: Choice, encoders: int) -> list[Cell]:
    if not choice.taken:
        return [Cell(written(choice.target)), Cell("cannot tell", "quiet"), *[Cell(EMPTY)] * 4]
    note = f"next: {written(choice.rival)}" if choice.rival else ""
    tied = [_short(name) for name in choice.tied]
    return [
        Cell(written(choice.target)),
        Cell(_names(choice.taken), "best", note=note),
        Cell(number(choice.gain, signed=True), "quiet" if choice.rival else ""),
        Cell(interval(choice.low, choice.high) or EMPTY, "quiet" if choice.rival else ""),
        Cell(
            "no row" if not tied else tied[0] if len(tied) == 1 else f"{len(tied)} rows",
            "quiet wrap",
            names=", ".join(tied) if len(tied) > 1 else "",
        ),
        Cell(f"{choice.better} of {encoders}", "quiet"),
    ]


def _own_cell(row: Advice) -> Cell:
    if not row.taken:
        return Cell("cannot tell", "quiet", note=row.why_not)
    gain = f"{number(row.gain, signed=True)} {interval(row.low, row.high)}".strip()
    note = f"next: {written(row.rival)} {gain}" if row.rival else gain
    return Cell(_names(row.taken), note=note)


def _names(taken: str) -> str:
    return " or ".join(_short(name) for name in taken.split(" / "))


def _short(name: str) -> str:
    return "none" if name == "none" else written(name)


def _common(share: float | None) -> str:
    if share is None:
        return ""
    return (
        f"Of what a pair of tasks gains beyond what both tasks do in general, {share:.0%} of the "
        "variance is common to the encoders; the rest is one encoder's own or the noise of its "
        "runs."
    ).replace("%", "\N{NO-BREAK SPACE}%")


def _slopes(inputs: EncodersInputs) -> Table:
    contract = next(table for table in inputs.contracts if table.name == "encoder_slopes")
    table = frame(inputs.tables[contract.name], contract.caption, str, contract.columns)
    for row in table.rows:
        name = row[0].text
        if name in inputs.encoders:
            row[0] = Cell(name, link=f"{name}/report.html")
    return table


def _gains(inputs: EncodersInputs) -> Table | None:
    """Every pair of tasks: its gain over all encoders with the interval, and with each."""
    joint = inputs.joint.dyads
    if joint.empty:
        return None
    keys = ["intermediate", "target"]
    table = joint[[*keys, "gain", "low", "high"]].copy()
    for name, own in inputs.encoders.items():
        single = own.dyads[[*keys, "gain"]].rename(columns={"gain": name})
        table = table.merge(single, on=keys, how="left")
    table = table.sort_values("gain", ascending=False).rename(columns={"gain": OVER_ALL})
    units = {OVER_ALL: POINTS, "low": POINTS, "high": POINTS}
    units |= dict.fromkeys(inputs.encoders, POINTS)
    caption = "Gain of each pair of tasks over all encoders with its interval, and with each."
    return frame(table, caption, written, units)
