"""How far the measures of similarity agree."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import COUNT
from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Each pair of measures."""
    from xstilts.inference.analyses.measures import agreement

    return agreement(analysis.inputs.similarity)


TABLE = InferenceTable(
    name="agreement",
    order=40,
    caption="Rank correlation of the measures with each other.",
    beside="measures",
    columns={
        "measure_a": "",
        "measure_b": "",
        "spearman": "correlation",
        "dyads": COUNT,
    },
    make=make,
)
