"""The paper's claims against this study, each by a stated rule."""

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.report.claim_rules import CANNOT_TELL, FINDERS, NOT_RUN, RULES, ClaimInputs, Finding
from xstilts.sources import source_of

COLUMNS = [
    "claim", "part", "statement", "published", "measured", "low", "high", "verdict", "rule",
    "note", "source",
]  # fmt: skip
_KIND = {"more_than_others": "difference",
         "better_than_variant": "difference", "best_per_target": "mean_gain",
         "encoder": "design", "phases": "design", "task_count": "design"}  # fmt: skip
ONE_SEED = "one seed: another training run might say otherwise"
DEMONSTRATION = "generated text: no verdict on the real tasks can follow"


def judge(claims: pd.DataFrame, evidence: ClaimInputs) -> pd.DataFrame:
    """One row per claim or part of a claim, with the columns `COLUMNS`.

    On generated text (see `Source.is_generated`) a verdict that would speak of real tasks is
    "cannot tell"; so is every verdict on runs that were made with one seed. Raises
    StudyError for a rule that there is not.
    """
    rows = []
    for row in claims.fillna("").itertuples():
        if row.rule not in FINDERS:
            raise StudyError(f"resources/claims.tsv: no rule '{row.rule}' (claim {row.claim}).")
        kind = _KIND.get(row.rule, row.rule)
        found = FINDERS[row.rule](str(row.about).split(), str(row.published), evidence)
        if source_of(evidence.data).is_generated and kind != "design" and found.verdict != NOT_RUN:
            found = Finding(found.measured, found.low, found.high, CANNOT_TELL, DEMONSTRATION)
        elif evidence.one_seed and kind != "design" and found.verdict != NOT_RUN:
            found = Finding(found.measured, found.low, found.high, CANNOT_TELL, ONE_SEED)
        rows.append(
            (row.claim, row.part, row.statement, row.published, _text(found.measured),
             found.low, found.high, found.verdict, RULES[kind], found.note, row.source)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _text(measured: float | str | None) -> str:
    return f"{measured:.4f}" if isinstance(measured, float) else measured or ""
