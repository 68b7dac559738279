"""Gains and scores by language."""

from xstilts.report import frames, markup, scores_table
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import written
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
    """A table of scores by language for each target that has any."""
    metrics = scores_table.metric_names(inputs.scores, inputs.targets)
    tables = {
        target: frames.language_table(inputs.scores, target, inputs.intermediates)
        for target in metrics
    }
    return {
        "languages": {
            target: markup.by_language(
                table, f"{written(target)}, {metrics[target]} by language: mean over seeds."
            )
            for target, table in tables.items()
            if not table.empty
        }
    }


SECTION = Section(
    name="languages",
    title="Languages",
    order=30,
    reads=("scores", "gains", "languages"),
    context=context,
)
