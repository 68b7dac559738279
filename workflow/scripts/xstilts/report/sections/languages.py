"""Gains and scores by language."""

from markupsafe import Markup

from xstilts.report import frames, language_data, markup, scores_table
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section


def context(inputs: ReportInputs) -> Context:
    """A map of gains by language, and a table of scores for each target that has any."""
    metrics = scores_table.metric_names(inputs.scores, inputs.targets)
    names = language_data.language_names(inputs.languages)
    failed = set(inputs.dyads.loc[inputs.dyads["unlearned"] != "", "target"])
    learned = set(inputs.learned_dyads["target"])
    tables = {
        target: frames.language_table(inputs.scores, target, inputs.intermediates)
        for target in metrics
    }
    gains = language_data.data(inputs)
    return {
        "data": None if gains is None else Markup(language_data.embedded(gains)),
        "languages": {
            target: markup.by_language(
                table,
                f"{written(target)}, {metrics[target]} by language: mean over seeds.",
                names,
                bold=target in learned or target not in failed,
            )
            for target, table in tables.items()
            if not table.empty
        },
    }


SECTION = Section(
    name="languages",
    title="Languages",
    order=30,
    reads=(*DYADS, "scores", "languages"),
    context=context,
)
