"""The best intermediate task of each target."""

from xstilts.report import frames, markup
from xstilts.report.inputs import ReportInputs
from xstilts.report.section import Context, Section

CHOICE = "Each target's intermediate task; no choice saw the sentences that it is scored on."


def context(inputs: ReportInputs) -> Context | None:
    """The best intermediate task of each target, chosen before the test, and its rivals."""
    best = frames.by_target(inputs.best, inputs.targets)
    rivals = frames.by_target(inputs.rivals, inputs.targets)
    if best.empty:
        return None
    return {
        "best": markup.best(best, CHOICE),
        "rivals": None
        if rivals.empty
        else markup.rivals(rivals, "Every row of each target, the best on test first."),
    }


SECTION = Section(
    name="choice",
    title="Best tasks",
    order=50,
    reads=("best", "rivals"),
    context=context,
)
