"""Each measure of similarity, tested as the primary one is."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import FLAG, PROBABILITY
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """The measures, none where tasks are too few."""
    from xstilts.inference.analyses.measures import compare

    if not analysis.testable:
        return ()
    return compare(
        analysis.inputs.similarity,
        analysis.config["primary_measure"],
        analysis.dyads_by,
        covariates=analysis.covariates,
        permutations=analysis.config["permutations"],
        seed=analysis.seed,
    )


TABLE = InferenceTable(
    name="measures",
    order=30,
    caption="Each measure of similarity; the p over all measures is adjusted for their number.",
    beside="measures",
    columns={
        "measure": "",
        "primary": FLAG,
        "estimate": SLOPE,
        "standard_error": SLOPE,
        "df": "degrees of freedom",
        "low": SLOPE,
        "high": SLOPE,
        "p": PROBABILITY,
        "p_mrqap": PROBABILITY,
        "p_max_t": PROBABILITY,
        "reliability": "correlation",
        "estimate_disattenuated": SLOPE,
    },
    make=make,
)
