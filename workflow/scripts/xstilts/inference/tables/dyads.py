"""Each pair of an intermediate and a target task: its gain and its similarity."""

from typing import TYPE_CHECKING

from xstilts.core.errors import StudyError
from xstilts.core.table_contract import COUNT, FLAG
from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """The pairs, with gains shrunken to their mean where seeds tell how far they are luck."""
    from xstilts.inference.analyses.shrinkage import shrunken_gains

    pairs = analysis.dyads
    if pairs.empty:
        return pairs
    try:
        gains = shrunken_gains(pairs, analysis.noise, analysis.mean_seeds)
    except StudyError:
        return pairs
    return pairs.assign(gain_shrunken=gains)


TABLE = InferenceTable(
    name="dyads",
    order=10,
    caption="Each pair of tasks: gain and similarity.",
    beside="similarity_gain",
    columns={
        "intermediate": "",
        "target": "",
        "gain": "points",
        "gain_standardised": "standard deviations within the target",
        "similarity": "of the measure",
        "similarity_standardised": "standard deviations",
        "gain_centred": "standard deviations",
        "similarity_centred": "standard deviations",
        "same_data": FLAG,
        "languages": COUNT,
        "seeds": COUNT,
        "intermediate_family": "",
        "target_family": "",
        "gain_shrunken": "points",
    },
    make=make,
)
