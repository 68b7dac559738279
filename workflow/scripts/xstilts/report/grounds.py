"""Why a study cannot tell whether a claim holds: what its verdict would have to stand on."""

from collections.abc import Iterable, Iterator

import pandas as pd

from xstilts.report import learned
from xstilts.report.claim_rules import ClaimInputs
from xstilts.report.names import written
from xstilts.sources import source_of

LEAST_ITEMS = 100  # test items a language: the interval of a share is then within 10 points
DEMONSTRATION = "the text is generated: no verdict on the real tasks can follow"
ONE_SEED = "one seed: another training run might say otherwise"


def missing_grounds(
    rows: list[str], targets: list[str], encoders: list[str], evidence: ClaimInputs
) -> list[str]:
    """What keeps `evidence` from a verdict on a claim, in words; empty where nothing does.

    Args:
        rows: the intermediate tasks that the claim is about; empty for those that the study has.
        targets: the same for its targets.
        encoders: names of the encoder that the claim is about.
        evidence: the study.
    """
    dyads = evidence.dyads
    own_rows = rows or sorted(set(dyads["intermediate"]))
    own_targets = targets or sorted(set(dyads["target"]))
    if source_of(evidence.data).is_generated:
        return [DEMONSTRATION]
    return [
        *_encoder(encoders, evidence.encoder),
        *_absent("intermediate task", own_rows, set(dyads["intermediate"])),
        *_absent("target", own_targets, set(dyads["target"])),
        *_learning(own_rows, own_targets, evidence),
        *_items(own_targets, evidence.items),
        *([ONE_SEED] if evidence.one_seed else []),
    ]


def _encoder(encoders: list[str], own: str) -> list[str]:
    if not encoders or own.lower() in encoders:
        return []
    return [f"the claim is about {encoders[0]}, this study is on {own}"]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(written, names))


def _absent(thing: str, wanted: list[str], there: set[str]) -> list[str]:
    absent = [name for name in wanted if name not in there]
    if not absent:
        return []
    return [f"the study lacks the {thing}{'s' if len(absent) > 1 else ''} {_listed(absent)}"]


def _learning(rows: list[str], targets: list[str], evidence: ClaimInputs) -> Iterator[str]:
    """What was not learned, or of which nobody knows."""
    if evidence.learning is None or evidence.index is None:
        yield "it is not known what the models learned"
        return
    dyads = evidence.dyads
    own = dyads[dyads["intermediate"].isin(rows) & dyads["target"].isin(targets)]
    failed = own[own["unlearned"] != ""]
    tasks = [
        *_named(failed, "intermediate", learned.INTERMEDIATE),
        *_named(failed, "target", learned.BASELINE),
    ]
    if tasks:
        yield f"not learned: {_listed(tasks)}"
    cells = failed[failed["unlearned"] == learned.CELL]
    if len(cells):
        pairs = (
            f"{written(row.intermediate)} → {written(row.target)}" for row in cells.itertuples()
        )
        yield f"the runs of {', '.join(pairs)} did not learn"
    known = learned.judged(evidence.learning, evidence.index, evidence.run_learning)
    unknown = sorted(set(own["intermediate"]) - known)
    if unknown:
        yield f"it is not known whether {_listed(unknown)} was learned"


def _named(failed: pd.DataFrame, column: str, reason: str) -> list[str]:
    said = failed["unlearned"].str.contains(reason, regex=False)
    return list(dict.fromkeys(failed.loc[said, column]))


def _items(targets: list[str], items: pd.DataFrame | None) -> list[str]:
    if items is None:
        return ["it is not known how many test items there are"]
    least = items[items["target"].isin(targets)].groupby("target")["n"].min()
    few = least[least < LEAST_ITEMS]
    if few.empty:
        return []
    named = ", ".join(
        f"{written(target)} {int(few[target])}" for target in targets if target in few
    )
    return [f"fewer than {LEAST_ITEMS} test items a language ({named})"]
