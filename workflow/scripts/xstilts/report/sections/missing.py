"""Everything a reader might look for and will not find."""

from xstilts.report import gaps
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context:
    """Everything a reader might look for and will not find."""
    missing = gaps.gap_sentences(
        inputs.index, inputs.scores, inputs.gains, inputs.intermediates, inputs.targets
    )
    inferred = list(inputs.answer.get("problems", []))
    if not inputs.answer:
        inferred = ["No inference: the similarity section is empty."]
    return {"problems": list(dict.fromkeys([*missing, *inferred, *inputs.problems]))}


SECTION = Section(
    name="missing",
    title="What is missing",
    order=90,
    reads=("index", "scores", "gains", "answer", "problems"),
    context=context,
)
