"""The paper's claims with verdicts."""

from xstilts.report import markup
from xstilts.report.claim_rules import INTERVAL_RULE
from xstilts.report.grounds import DEMONSTRATION
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section
from xstilts.sources import source_of


def context(inputs: ReportInputs) -> Context:
    """The paper's claims with verdicts, and the rules behind them."""
    if inputs.claims.empty:
        return {"claims": None, "verdict_rules": [], "demonstration": ""}
    return {
        "claims": markup.claims(inputs.claims, "The paper's claims against this study."),
        "verdict_rules": [*dict.fromkeys(inputs.claims["rule"]), INTERVAL_RULE],
        "demonstration": DEMONSTRATION if source_of(inputs.data).is_generated else "",
    }


SECTION = Section(name="claims", title="Claims", order=60, reads=("claims",), context=context)
