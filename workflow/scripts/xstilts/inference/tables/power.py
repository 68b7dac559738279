"""What a grid of this size could have seen."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import COUNT
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """The study at hand, and larger ones."""
    from xstilts.inference.analyses.headline import fit_dyads
    from xstilts.inference.analyses.power import power

    if analysis.headline is None:
        return ()
    dyads, covariates = analysis.dyads, analysis.covariates
    fitted = fit_dyads(dyads, covariates=covariates)
    seeds = int(dyads["seeds"].max())
    return power(dyads, fitted, analysis.noise, seeds, analysis.seed, covariates)


TABLE = InferenceTable(
    name="power",
    order=130,
    caption="Smallest slope that a grid of this size would probably show.",
    columns={
        "intermediates": COUNT,
        "targets": COUNT,
        "seeds": COUNT,
        "standard_error": SLOPE,
        "smallest_detectable_slope": SLOPE,
        "smallest_slope_seen": SLOPE,
    },
    make=make,
)
