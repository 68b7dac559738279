"""Gains with their intervals: a map, the languages behind a cell, and the same as a table."""

from markupsafe import Markup

from xstilts.report import dyad_gains, frames, gain_map, language_data, markup
from xstilts.report.charts.theme import DIVERGING, colour_limit
from xstilts.report.formats import number
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section


def context(inputs: ReportInputs) -> Context:
    """Gains with intervals."""
    table = frames.gain_table(inputs.dyads, inputs.intermediates, inputs.targets)
    if table.empty:
        return {"rows": [], "gains": None, "rule": ""}
    limit = colour_limit(inputs.dyads["gain"])
    return {
        "rows": gain_map.rows(inputs),
        "heads": list(map(written, inputs.targets)),
        "largest": _largest(inputs),
        "receipts": Markup(language_data.embedded(gain_map.receipts(inputs))),
        "colours": ", ".join(DIVERGING),
        "ends": [number(end, signed=True) for end in (-limit, 0.0, limit)],
        "over_what": dyad_gains.over_what(inputs.dyads),
        "gains": markup.gains(
            table, f"Gains in points, with intervals {dyad_gains.over_what(inputs.dyads)}."
        ),
        "rule": dyad_gains.rule(inputs.dyads, inputs.errors, inputs.stated),
    }


def _largest(inputs: ReportInputs) -> str:
    """The dyad that is shown before one is picked; one that learned, if any did."""
    dyads = inputs.learned_dyads if len(inputs.learned_dyads) else inputs.dyads
    largest = dyads.loc[dyads["gain"].abs().idxmax()]
    return f"{largest['intermediate']} {largest['target']}"


SECTION = Section(name="gains", title="Gains", order=20, reads=(*DYADS, "runs"), context=context)
