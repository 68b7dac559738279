"""The headline without each task, language and family."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import PROBABILITY
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """The slope without each."""
    from xstilts.inference.analyses.influence import influence

    if not analysis.testable:
        return ()
    similarity = analysis.similarity(analysis.config["primary_measure"])
    inputs = analysis.inputs
    return influence(
        analysis.rows,
        similarity,
        inputs.languages,
        inputs.retrieval,
        analysis.covariates,
        analysis.sizes,
        inputs.families,
    )


TABLE = InferenceTable(
    name="influence",
    order=110,
    caption="The slope when something is left out.",
    beside="influence",
    columns={
        "kind": "",
        "left_out": "",
        "estimate": SLOPE,
        "low": SLOPE,
        "high": SLOPE,
        "p": PROBABILITY,
    },
    make=make,
)
