"""Gains with their intervals."""

from xstilts.report import dyad_gains, frames, markup
from xstilts.report.inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
    """Gains with intervals."""
    table = frames.gain_table(
        dyad_gains.summarise(inputs.gains), inputs.intermediates, inputs.targets
    )
    return {
        "gains": None
        if table.empty
        else markup.gains(table, "Gains with their intervals, in points."),
        "rule": dyad_gains.RULE,
    }


SECTION = Section(
    name="gains",
    title="Gains",
    order=20,
    reads=("gains", "index"),
    context=context,
)
