"""Which way of choosing an intermediate task would have chosen the right one."""

from typing import TYPE_CHECKING

from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Each scheme, predictor and metric, by task held out and in the mean."""
    from xstilts.inference.analyses.selection import selection

    if not analysis.explained:
        return ()
    inputs, config = analysis.inputs, analysis.config
    return selection(analysis.dyads, inputs.training_sizes, config["bootstrap"], analysis.seed)


TABLE = InferenceTable(
    name="selection",
    order=100,
    caption="Skill at choosing the intermediate task, with chance.",
    beside="selection",
    columns={
        "scheme": "",
        "predictor": "",
        "metric": "",
        "held_out": "",
        "value": "of the metric",
        "chance": "of the metric",
        "low": "of the metric",
        "high": "of the metric",
    },
    shown={"held_out": "mean"},
    make=make,
)
