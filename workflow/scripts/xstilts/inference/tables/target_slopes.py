"""The gain's slope on similarity within each target."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import COUNT
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Each target that has pairs enough."""
    from xstilts.inference.analyses.slopes import target_slopes

    if analysis.dyads.empty:
        return ()
    return target_slopes(analysis.dyads, analysis.config["bootstrap"], analysis.seed)


TABLE = InferenceTable(
    name="target_slopes",
    order=50,
    caption="Slope and rank correlation within each target.",
    beside="target_slopes",
    columns={
        "target": "",
        "slope": SLOPE,
        "low": SLOPE,
        "high": SLOPE,
        "spearman": "correlation",
        "spearman_low": "correlation",
        "spearman_high": "correlation",
        "dyads": COUNT,
    },
    make=make,
)
