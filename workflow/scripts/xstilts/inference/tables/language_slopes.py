"""The gain's slope on similarity in each language."""

from typing import TYPE_CHECKING

from xstilts.core.table_contract import COUNT, FLAG
from xstilts.inference.contracts import SLOPE, InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """Each language, with what is known of it."""
    from xstilts.inference.analyses.slopes import language_slopes

    if analysis.dyads.empty:
        return ()
    languages, draws = analysis.inputs.languages, analysis.config["bootstrap"]
    return language_slopes(analysis.by_language, languages, draws, analysis.seed)


TABLE = InferenceTable(
    name="language_slopes",
    order=60,
    caption="Slope of the gain on similarity in each language.",
    beside="low_resource",
    columns={
        "language": "",
        "name": "",
        "family": "",
        "joshi_class": "class",
        "pretraining_gib": "GiB",
        "in_pretraining": FLAG,
        "slope": SLOPE,
        "low": SLOPE,
        "high": SLOPE,
        "gain": "points",
        "rows": COUNT,
    },
    make=make,
)
