"""The intermediate task to take for each target, how much it gains and how sure that is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xstilts.core.run_noise import said_of
from xstilts.report import learned
from xstilts.report.dyad_gains import NORMAL_95
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.ties import BASELINE, tied_with

DEV = ("english_dev", "target_dev")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What to take for one target.

    Attributes:
        target: its name.
        taken: the intermediate task, `none`, or several where parts of the evidence (halves of the
            test sentences, or encoders) choose unlike; empty where nothing can be said.
        gain: over the baseline, of `taken` or, where that is `none`, of `rival`.
        low: the lower end of its 95 % interval.
        high: the upper end.
        rival: where `none` is taken, the intermediate task that came next to it.
        tied: the rows that cannot be told from the one taken.
        chosen_on: on what it was chosen.
    """

    target: str
    taken: str = ""
    gain: float = np.nan
    low: float = np.nan
    high: float = np.nan
    rival: str = ""
    tied: list[str] = field(default_factory=list)
    chosen_on: str = ""


def measured_gain(row: pd.Series) -> dict[str, float]:
    """Gain and interval of a row of a table, as `Taken` has them."""
    return {name: float(row[name]) for name in ("gain", "low", "high")}


@dataclass(frozen=True, kw_only=True)
class Advice(Taken):
    """What to take with one encoder.

    Attributes:
        seeds: how many seeds the gain was made with; 0 where it is no single row's.
        seeds_better: in how many of them it is above zero.
        chosen_on: as `best` has it, or `test` where the study has no choice of its own.
        why_not: why nothing can be said, or why `taken` is to be doubted.
    """

    seeds: int = 0
    seeds_better: int = 0
    why_not: str = ""


def advice(inputs: ReportInputs) -> list[Advice]:
    """One for each target of the study, in its order."""
    choices = {row.target: row for row in inputs.best.itertuples()}
    return [_of(target, choices.get(target), inputs) for target in inputs.targets]


def _of(target: str, choice: Any, inputs: ReportInputs) -> Advice:
    own = inputs.dyads[inputs.dyads["target"] == target]
    if own.empty:
        return Advice(target=target, why_not="no gain was measured")
    if learned.baseline_failed(own, target):
        return Advice(target=target, why_not="its baseline did not learn")
    if choice is None:
        return _from_test(target, own, inputs)
    taken = str(choice.taken)
    if " / " in taken:
        return _by_halves(target, choice, own)
    rival = str(choice.intermediate) if taken == BASELINE else ""
    dyads = own.set_index("intermediate")
    # A rival of two halves has no single gain; the better of its rows stands for it.
    measured = [name for name in (rival or taken).split(" / ") if name in dyads.index]
    if not measured:
        return Advice(target=target, why_not="the chosen row has no gain")
    name = max(measured, key=lambda each: dyads["gain"][each])
    return _advised(target, taken, name if rival else "", dyads.loc[name], choice.chosen_on, inputs)


def _advised(
    target: str, taken: str, rival: str, dyad: pd.Series, chosen_on: str, inputs: ReportInputs
) -> Advice:
    tied = tied_with(taken, target, inputs.dyads, inputs.errors, inputs.gains)
    return Advice(
        target=target,
        taken=taken,
        **measured_gain(dyad),
        rival=rival,
        tied=tied,
        seeds=int(dyad["seeds"]),
        seeds_better=int(dyad["seeds_better"]),
        chosen_on=chosen_on,
        why_not=str(dyad["unlearned"]),
    )


def _from_test(target: str, own: pd.DataFrame, inputs: ReportInputs) -> Advice:
    """Where nothing was chosen before the test: the row with the highest gain, if it has one."""
    learned = own[own["unlearned"] == ""]
    rows = (learned if len(learned) else own).set_index("intermediate")
    best = rows["gain"].idxmax()
    helps = rows["gain"][best] > 0
    taken, rival = (str(best), "") if helps else (BASELINE, str(best))
    return _advised(target, taken, rival, rows.loc[best], "test", inputs)


def _by_halves(target: str, choice: Any, own: pd.DataFrame) -> Advice:
    """Each half of the sentences is scored by what was best on the other: a gain of its own.

    Its interval has the items' part of `best` and the seeds' part of the target's dyads.
    """
    names = [name for name in str(choice.taken).split(" / ") if name != BASELINE]
    rows = own[own["intermediate"].isin(names)]
    items = (choice.taken_high - choice.taken_low) / (2 * NORMAL_95)
    half = NORMAL_95 * float(np.sqrt(items**2 + _seed_part(rows)))
    return Advice(
        target=target,
        taken=str(choice.taken),
        gain=float(choice.taken_gain),
        low=float(choice.taken_gain - half),
        high=float(choice.taken_gain + half),
        chosen_on=str(choice.chosen_on),
        why_not="; ".join(sorted(set(rows["unlearned"]) - {""})),
    )


def _seed_part(rows: pd.DataFrame) -> float:
    """The variance that seeds add to the mean gain of a dyad of these; 0 of one seed."""
    return float(rows["seed_variance"].max()) if len(rows) else 0.0


def said_of_ties(inputs: ReportInputs) -> Iterator[str]:
    """What a reader has to know of all rows of the advice together."""
    if inputs.best.empty:
        yield (
            "No score but the test's is known: the row with the highest gain is named, which is "
            "partly luck."
        )
    stated = inputs.dyads["stated"].any()
    if stated:
        yield (
            "One seed: what another training run would give is taken from a stated standard "
            f"deviation of scores, {said_of(inputs.stated, inputs.targets)}."
        )
    if len(inputs.dyads) and inputs.dyads["seeds"].max() < 2 and not stated:
        yield (
            "One seed: whether another training run would choose the same is not known, and no "
            "gain is told from chance."
        )
