"""Whether the slope is surely small."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import FLAG, PROBABILITY
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis

OTHER_BOUNDS = (0.25, 0.5, 0.75, 1.0)


def make(analysis: "Analysis") -> Rows:
    """The bound of the config, and others beside it."""
    from xstilts.inference.analyses.equivalence import equivalence
    from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads

    if analysis.headline is None:
        return ()
    fitted = fit_dyads(analysis.dyads, covariates=analysis.covariates)
    bounds = (analysis.config["equivalence_bound"], *OTHER_BOUNDS)
    return equivalence(fitted.kenward_roger(SIMILARITY), bounds)


TABLE = InferenceTable(
    name="equivalence",
    order=120,
    caption="Test that the slope is smaller than the bound.",
    columns={
        "bound": SLOPE,
        "p": PROBABILITY,
        "equivalent": FLAG,
        "smallest_bound": SLOPE,
    },
    make=make,
)
