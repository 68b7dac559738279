"""Whether each task was learned at all."""

from xstilts.report import frames, markup
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import written
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
    """Whether each task was learned at all."""
    if inputs.learning.empty:
        return {"learning": None, "not_learned": []}
    order = [*inputs.intermediates, *inputs.targets]
    table = frames.learning_table(inputs.learning, order)
    return {
        "learning": markup.learning(
            table, "Each task in English against chance; dev score ± one standard error."
        ),
        "not_learned": [written(task) for task in frames.not_learned(table)],
    }


SECTION = Section(
    name="learning",
    title="Do the models learn?",
    order=80,
    reads=("learning",),
    context=context,
)
