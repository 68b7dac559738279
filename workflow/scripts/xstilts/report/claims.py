"""The paper's claims against this study, each by a stated rule."""

from typing import Any

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.report.claim_rules import CANNOT_TELL, FINDERS, RULES, ClaimInputs
from xstilts.report.grounds import missing_grounds

COLUMNS = [
    "claim", "part", "statement", "published", "measured", "low", "high", "verdict", "because",
    "rule", "note", "source",
]  # fmt: skip
_KIND = {"more_than_others": "difference",
         "better_than_variant": "difference", "best_per_target": "mean_gain",
         "encoder": "design", "phases": "design", "task_count": "design"}  # fmt: skip
_LACKING = "the study has not run what the claim is about"


def judge(claims: pd.DataFrame, evidence: ClaimInputs) -> pd.DataFrame:
    """One row per claim or part of a claim, with the columns `COLUMNS`.

    A verdict needs grounds (`grounds.missing_grounds`): where one is missing it is "cannot tell",
    and `because` says why. Claims on how the study is made need none. Raises StudyError for a rule
    that there is not.
    """
    return pd.DataFrame([_row(row, evidence) for row in claims.fillna("").itertuples()],
                        columns=COLUMNS)  # fmt: skip


def _row(claim: Any, evidence: ClaimInputs) -> tuple:
    if claim.rule not in FINDERS:
        raise StudyError(f"resources/claims.tsv: no rule '{claim.rule}' (claim {claim.claim}).")
    kind = _KIND.get(claim.rule, claim.rule)
    finding = FINDERS[claim.rule](str(claim.about).split(), str(claim.published), evidence)
    verdict, because = finding.verdict, ""
    if kind != "design":
        rows, targets, encoders = (
            str(names).split() for names in (claim.rows, claim.targets, claim.encoder)
        )
        missing = missing_grounds(rows, targets, encoders, evidence)
        if finding.measured is None:
            missing = missing or [_LACKING]
        if missing:
            verdict, because = CANNOT_TELL, "; ".join(missing)
    return (
        claim.claim, claim.part, claim.statement, claim.published, _text(finding.measured),
        finding.low, finding.high, verdict, because, RULES[kind], finding.note, claim.source,
    )  # fmt: skip


def _text(measured: float | str | None) -> str:
    return f"{measured:.4f}" if isinstance(measured, float) else measured or ""
