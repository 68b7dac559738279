"""How well the models fit."""

from typing import TYPE_CHECKING

from xstilts.inference.contracts import InferenceTable, Rows

if TYPE_CHECKING:
    from xstilts.inference.run import Analysis


def make(analysis: "Analysis") -> Rows:
    """R2 of the headline, and the likelihoods that `effects` left in `analysis.fit`."""
    from xstilts.inference.analyses.effects import attempt
    from xstilts.inference.analyses.variance import explained

    if analysis.headline is None:
        return ()
    shares = attempt(
        lambda: iter([explained(analysis.dyads, analysis.covariates)]),
        "The R2",
        analysis.problems,
    )
    quantities = {**(shares[0] if shares else {}), **analysis.fit}
    return [{"quantity": name, "value": value} for name, value in quantities.items()]


TABLE = InferenceTable(
    name="fit",
    order=80,
    caption="Fit of the models.",
    beside="variance",
    columns={
        "quantity": "",
        "value": "of the quantity",
    },
    make=make,
)
