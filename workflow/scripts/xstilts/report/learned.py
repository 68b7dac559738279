"""Which gains rest on a run that did not learn its own task, and are no evidence of transfer."""

from collections.abc import Mapping

import pandas as pd

BASELINE, INTERMEDIATE, CELL = (
    "its baseline did not learn", "its intermediate task was not learned",
    "its own run did not learn",
)  # fmt: skip


def not_learned(learning: pd.DataFrame, role: str) -> set[str]:
    """Tasks of this role (`intermediate`, `target`) whose model did not learn; unknown is not."""
    failed = learning["learned"].map(lambda value: pd.notna(value) and not value).astype(bool)
    return set(learning.loc[failed & (learning["role"] == role), "task"])


def reasons(
    learning: pd.DataFrame, index: pd.DataFrame, runs: pd.DataFrame | None
) -> Mapping[tuple[str, str], str]:
    """(intermediate, target) -> which of its runs did not learn, in words; absent if all did.

    `learning` judges tasks over their seeds (a target by the baseline), `runs` (run, learned)
    single runs; `index` says which runs a cell has. One seed that did not learn marks the dyad.
    """
    intermediates, targets = (not_learned(learning, role) for role in ("intermediate", "target"))
    failed = set() if runs is None or runs.empty else set(runs.loc[runs["learned"] == 0, "run"])
    collapsed = index[run_folders(index["run"]).isin(failed)]
    parents = index[run_folders(index["parent_run"]).isin(failed)]
    targets |= set(collapsed.loc[collapsed["intermediate"] == "none", "target"])
    own = set(zip(collapsed["intermediate"], collapsed["target"], strict=True))
    from_parent = set(zip(parents["intermediate"], parents["target"], strict=True))
    reasons = {}
    for dyad in dict.fromkeys(zip(index["intermediate"], index["target"], strict=True)):
        name, target = dyad
        said = [
            *([BASELINE] if target in targets else []),
            *([INTERMEDIATE] if name in intermediates or dyad in from_parent else []),
            *([CELL] if dyad in own and name != "none" else []),
        ]
        if said and name != "none":
            reasons[dyad] = "; ".join(said)
    return reasons


def marked(dyads: pd.DataFrame, unlearned: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """The dyads with a column `unlearned`: what did not learn, empty where all did."""
    keys = zip(dyads["intermediate"], dyads["target"], strict=True)
    return dyads.assign(unlearned=[unlearned.get(dyad, "") for dyad in keys])


def baseline_failed(dyads: pd.DataFrame, target: str) -> bool:
    """Whether the target's baseline did not learn, by the marks of `dyads`."""
    own = dyads.loc[dyads["target"] == target, "unlearned"]
    return len(own) > 0 and bool(own.str.contains(BASELINE, regex=False).all())


def judged(
    learning: pd.DataFrame, index: pd.DataFrame, run_learning: pd.DataFrame | None
) -> set[str]:
    """Intermediate tasks of which somebody knows whether they were learned."""
    known = learning[(learning["role"] == "intermediate") & learning["learned"].notna()]
    of_runs = set() if run_learning is None else set(run_learning["run"])
    parents = index[run_folders(index["parent_run"]).isin(of_runs)]
    return {*known["task"], *parents["intermediate"]}


def run_folders(runs: pd.Series) -> pd.Series:
    """The runs' own folders, without that of their stage."""
    return runs.astype("string").str.rsplit("/", n=1).str[-1]
