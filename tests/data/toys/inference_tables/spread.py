"""How far the gains of each target lie apart."""

from xstilts.inference.contracts import InferenceTable


def make(analysis):
    """The range of each target's gains."""
    for target, gains in analysis.dyads.groupby("target")["gain"]:
        yield {"target": target, "range": gains.max() - gains.min()}


TABLE = InferenceTable(
    name="spread",
    order=55,
    caption="Range of the gains of each target.",
    columns={"target": "", "range": "points"},
    make=make,
)
