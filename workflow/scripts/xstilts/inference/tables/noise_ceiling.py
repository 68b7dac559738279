"""How much of the gain any predictor could explain."""

from typing import TYPE_CHECKING

from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Reliability and what follows from it."""
    from xstilts.inference.analyses.ceiling import noise_ceiling

    if not analysis.explained:
        return ()
    return noise_ceiling(analysis.means, analysis.dyads, analysis.noise, analysis.source_of_noise)


TABLE = InferenceTable(
    name="noise_ceiling",
    order=90,
    caption="How much of the gain any predictor could explain.",
    columns={
        "quantity": "",
        "value": "of the quantity",
        "note": "",
    },
    make=make,
)
