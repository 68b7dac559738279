"""How each target's intermediate task was chosen."""

from xstilts.report import frames, markup, scores_table
from xstilts.report.advice import advice
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section

CHOICE = "What was taken for each target, and on what; no choice saw what it is scored on."


def context(inputs: ReportInputs) -> Context | None:
    """What was taken for each target, chosen before the test, and its rivals."""
    best = frames.by_target(inputs.best, inputs.targets)
    rivals = frames.by_target(inputs.rivals, inputs.targets)
    if best.empty:
        return None
    tests = scores_table.mean_scores(inputs.scores[inputs.scores["primary"].astype(bool)])
    return {
        "best": markup.best(best, advice(inputs), CHOICE),
        "rivals": None
        if rivals.empty
        else markup.rivals(
            rivals, tests, inputs.dyads, "Every row of each target, the best on test first."
        ),
    }


SECTION = Section(
    name="choice",
    title="Best tasks",
    order=50,
    reads=(*DYADS, "scores", "best", "rivals"),
    context=context,
)
