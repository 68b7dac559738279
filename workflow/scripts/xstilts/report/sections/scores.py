"""The paper's table."""

from xstilts.report import learned, markup, scores_table
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section
from xstilts.sources import source_of


def context(inputs: ReportInputs) -> Context:
    """The paper's table, with the bold of what its interval reaches."""
    if inputs.scores.empty:
        return {"scores": None, "published": [], "bold_rule": ""}
    rows, targets = inputs.scores, inputs.targets
    table = scores_table.paper_table(rows, inputs.xtreme, inputs.intermediates, targets)
    bold = scores_table.best_rows(rows, inputs.dyads, inputs.errors, inputs.gains)
    metrics = {
        target: f"{metric} †" if learned.baseline_failed(inputs.dyads, target) else metric
        for target, metric in scores_table.metric_names(rows, targets).items()
    }
    caption = "Scores of all tasks: mean over languages and seeds."
    rivals = scores_table.published_table(inputs.published, targets)
    return {
        "scores": markup.paper(table, metrics, bold, caption),
        # Published figures beside generated text would only mislead.
        "published": [] if source_of(inputs.data).is_generated else markup.published(rivals),
        "bold_rule": scores_table.BOLD_RULE,
    }


SECTION = Section(
    name="scores",
    title="Scores",
    order=40,
    reads=(*DYADS, "scores", "xtreme", "published"),
    context=context,
)
