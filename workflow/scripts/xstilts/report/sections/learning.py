"""Whether each task was learned at all, and how."""

from xstilts.report import frames, learning_curves, markup
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
    """Whether each task was learned at all, and the curves of all runs."""
    drawn = {
        "panels": learning_curves.panels(inputs),
        "size": (learning_curves.WIDTH, learning_curves.HEIGHT),
    }
    if inputs.learning.empty:
        return {"learning": None, "not_learned": [], **drawn}
    order = [*inputs.intermediates, *inputs.targets]
    table = frames.learning_table(inputs.learning, order)
    return {
        "learning": markup.learning(
            table, "Each task in English against chance; dev score ± one standard error."
        ),
        "not_learned": [written(task) for task in frames.not_learned(table)],
        **drawn,
    }


SECTION = Section(
    name="learning",
    title="Do the models learn?",
    order=80,
    reads=("learning", "curves", "index"),
    context=context,
)
