"""Where the variance of gains lies."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import FLAG, SHARE
from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Each component, the runs' own where seeds, or a stated source, tell of it."""
    from xstilts.inference.analyses.effects import attempt
    from xstilts.inference.analyses.variance import variance_shares

    if not analysis.explained:
        return ()
    points = analysis.components("gain")
    run = points["run"] if points else None
    return attempt(
        lambda: iter(variance_shares(analysis.rows, run, analysis.mean_seeds).to_dict("records")),
        "The variance shares",
        analysis.problems,
    )


TABLE = InferenceTable(
    name="variance",
    order=70,
    caption="Variance of gains by component.",
    beside="variance",
    columns={
        "component": "",
        "variance": "points squared",
        "share": SHARE,
        "estimated_zero": FLAG,
    },
    make=make,
)
