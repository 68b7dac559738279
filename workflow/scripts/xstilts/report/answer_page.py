"""The page of `xstilts answer`: what inference says of a table that is no study of the workflow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from xstilts.core.table_contract import TableContract
from xstilts.report import drawing
from xstilts.report.formats import count, minus_in_words
from xstilts.report.names import written
from xstilts.report.page import drawn, environment
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.sections.similarity import SECTION, context

CAPTIONS = Path(__file__).resolve().parents[3] / "report"


def answer_inputs(
    tables: Mapping[str, pd.DataFrame],
    summary: Mapping[str, Any],
    title: str,
    contracts: Sequence[TableContract],
    languages: pd.DataFrame,
) -> ReportInputs:
    """What the page is made from.

    Args:
        tables: of an inference, by name.
        summary: what its inference.json says.
        title: names the table that it is of.
        contracts: what each table is.
        languages: facts on all languages.
    """
    pairs = tables["dyads"]
    similarity = pairs[["intermediate", "target", "similarity"]].dropna()
    return ReportInputs(
        study=title,
        description="",
        data="folder",
        intermediates=sorted(set(pairs["intermediate"])),
        targets=sorted(set(pairs["target"])),
        similarity=similarity.assign(measure=summary["primary_measure"], language=None),
        languages=languages,
        inference=tables,
        contracts=contracts,
        answer=summary,
        captions={path.stem: path.read_text() for path in sorted(CAPTIONS.glob("*.rst"))},
    )


def render_answer(inputs: ReportInputs) -> str:
    """The page of `answer_inputs` as HTML; the same inputs give the same bytes."""
    charts = drawn(inputs)
    templates = environment()
    shared = {"written": written, "count": count, "charts": charts}
    section = templates.get_template(f"{SECTION.name}.html.jinja")
    # There is no config in which a measure was named beforehand; the answer says which it is of.
    filled = context(inputs) | {"primary": ""}
    return templates.get_template("answer_page.html.jinja").render(
        title=inputs.study,
        shape=_shape(inputs.inference["dyads"]),
        summary={key: _said(value) for key, value in inputs.answer.items()},
        similarity=Markup(section.render(**shared, **filled)),
        player=Markup(drawing.player()) if charts else "",
    )


def _said(value: Any) -> Any:
    return minus_in_words(value) if isinstance(value, str) else value


def _shape(pairs: pd.DataFrame) -> str:
    """How many tasks, languages and seeds the pairs have."""
    if pairs.empty:
        return "no pair of tasks"
    sides = [count(pairs[side].nunique(), f"{side} task") for side in ("intermediate", "target")]
    languages = count(int(pairs["languages"].max()), "language")
    seeds = count(int(pairs["seeds"].max()), "seed")
    return f"{' × '.join(sides)} · {count(len(pairs), 'pair')} · {languages} · {seeds}"
