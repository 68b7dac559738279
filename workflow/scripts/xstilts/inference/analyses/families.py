"""Families of tasks: tasks of one kind behave alike, so that their pairs are no independent facts.

What an NLI task gives to a question-answering target, other NLI tasks give to other such targets.
A test that takes 81 pairs of nine by nine tasks for exchangeable then rejects a true null in 10 to
25 of 100 studies (benchmarks/calibration.md). So the model has an effect of each pair of families,
and tasks change places with tasks of their own family alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

# A variance between fewer pairs of families can hardly be estimated.
FEWEST_PAIRS = 5
SIDES = ("intermediate", "target")
SENTENCES = "the encoder's sentences"
COLUMNS = ("intermediate_family", "target_family", "member")


@dataclass(frozen=True)
class Families:
    """Which tasks belong together.

    Attributes:
        of: task -> family; a task that is not named is a family of its own. Empty: no families
            are known, and all tasks of a side count as exchangeable.
        members: target -> what it has in common with other targets: one fine-tune (XQuAD and
            MLQA), or the sentences of one encoder (BUCC and Tatoeba). Such targets are one member
            of their family. A target that is not named is a member of its own.
        source: where the families come from, in words.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def mark(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` of pairs of tasks with the columns `COLUMNS`."""
        sides = {f"{side}_family": table[side].map(self._family).astype(object) for side in SIDES}
        member = table["target"].map(lambda name: self.members.get(name, name)).astype(object)
        return table.assign(**sides, member=member)

    def _family(self, task: str) -> str:
        return self.of.get(task, task) if self.of else ""


def of_kinds(
    kinds: Mapping[str, str],
    training_sets: Mapping[str, str | None] | None = None,
    named: Mapping[str, str] | None = None,
) -> Families:
    """The families of a study.

    Args:
        kinds: task -> kind of its sheet.
        training_sets: target -> the task that it is fine-tuned on; targets with the same one share
            a fine-tune. None where nothing is fine-tuned: such targets share the encoder's
            sentences.
        named: task -> family from the config, in place of the kinds.
    """
    members = {
        target: SENTENCES if training_set is None else training_set
        for target, training_set in (training_sets or {}).items()
    }
    if named:
        return Families(dict(named), members, "the config")
    return Families(dict(kinds), members, "kinds of task")


def pair_codes(table: pd.DataFrame) -> np.ndarray | None:
    """Integers from 0 that tell apart the pairs of families, (rows,), for a random effect.

    None where the table has no families, fewer than `FEWEST_PAIRS` pairs, or pairs that group its
    rows as its tasks, or its dyads, do already.
    """
    if not set(COLUMNS) <= set(table.columns):
        return None
    return _new_groups(table, list(COLUMNS[:2]), FEWEST_PAIRS)


def member_codes(table: pd.DataFrame) -> np.ndarray | None:
    """Integers that tell apart intermediate task and member, where targets share members."""
    if not set(COLUMNS) <= set(table.columns):
        return None
    return _new_groups(table, ["intermediate", "member"], FEWEST_PAIRS)


def _new_groups(table: pd.DataFrame, keys: Sequence[str], fewest: int) -> np.ndarray | None:
    groups = table.groupby(list(keys), sort=True)
    if not fewest <= groups.ngroups < len(table):
        return None
    for other in SIDES:
        both = table.groupby([*keys, other]).ngroups
        if both == groups.ngroups == table[other].nunique():
            return None
    return groups.ngroup().to_numpy()


def summary(families: Families, table: pd.DataFrame) -> dict[str, object]:
    """What inference.json says of the families of the tasks in `table`, which `mark` has marked."""
    named = bool(families.of)
    pairs = table.groupby(list(COLUMNS[:2])).ngroups if named and len(table) else 0
    described: dict[str, object] = {
        "source": families.source if named else None,
        "pairs": pairs,
        "in_model": pair_codes(table) is not None if len(table) else False,
    }
    for side in SIDES:
        groups = table.groupby(f"{side}_family")[side].unique() if named and len(table) else {}
        described[side] = {str(name): sorted(groups[name]) for name in sorted(groups.keys())}
    shared = table.groupby("member")["target"].unique() if len(table) else {}
    described["shared"] = [
        sorted(shared[name]) for name in sorted(shared.keys()) if len(shared[name]) > 1
    ]
    return described
