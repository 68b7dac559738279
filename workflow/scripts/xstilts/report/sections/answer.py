"""The answer first: what to take for each target, and whether similarity would have told."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from xstilts.report import dyad_gains, frames
from xstilts.report.advice import Advice, advice, said_of_ties
from xstilts.report.formats import EMPTY, interval, minus_in_words, number
from xstilts.report.html_table import Cell, Table
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import DYADS, Context, Section

QUESTION = (
    "Does the similarity of two tasks predict the gain, and more so for low-resource languages?"
)


def context(inputs: ReportInputs) -> Context:
    """A row for each target, a sentence on similarity, and which gains go beyond chance."""
    answer = inputs.answer
    order = inputs.intermediates, inputs.targets
    gains = frames.gain_table(inputs.learned_dyads, *order)
    rows = advice(inputs)
    return {
        "advice": _table(rows, inputs) if any(row.taken for row in rows) else None,
        "remarks": list(said_of_ties(inputs)),
        "over_what": dyad_gains.over_what(inputs.dyads),
        "question": str(answer.get("question") or QUESTION),
        "answer": minus_in_words(str(answer.get("answer", ""))),
        "limits": minus_in_words(str(answer.get("limits", ""))),
        "robustness": _robustness(answer),
        "summary": summary_sentences(
            gains, len(inputs.dyads) - len(gains), inputs.inference.get("dyads")
        ),
        "description": inputs.description,
    }


def _table(rows: list[Advice], inputs: ReportInputs) -> Table:
    head = ["target", "take", "gain", "95 % interval", "tied", "seeds above 0"]
    caption = f"What to take for each target; intervals {dyad_gains.over_what(inputs.dyads)}."
    return Table(caption, head, [_cells(row) for row in rows], words=(0, 1, 4), kind="advice")


def _cells(row: Advice) -> list[Cell]:
    if not row.taken:
        said = Cell(f"cannot tell: {row.why_not}", "quiet wrap")
        return [Cell(written(row.target)), said, *[Cell(EMPTY)] * 4]
    gain = number(row.gain, signed=True)
    taken = Cell(" or ".join(_short(name) for name in row.taken.split(" / ")), "best",
                 note=_doubt(row))  # fmt: skip
    seeds = {0: EMPTY, 1: "one seed"}.get(row.seeds, f"{row.seeds_better} of {row.seeds}")
    return [
        Cell(written(row.target)),
        taken,
        Cell(gain, "quiet" if row.rival else "failed" if row.high < 0 else ""),
        Cell(interval(row.low, row.high) or EMPTY, "quiet" if row.rival else ""),
        _tied(row.tied),
        Cell(seeds, "quiet"),
    ]


def _short(name: str) -> str:
    return "none" if name == "none" else written(name)


def _doubt(row: Advice) -> str:
    said = [f"next: {written(row.rival)}"] if row.rival else []
    return "; ".join([*said, *filter(None, [row.why_not])])


def _tied(tied: list[str]) -> Cell:
    """All names where there are few; else their number, which says as much."""
    if not tied:
        return Cell("no row", "quiet")
    names = [_short(name) for name in tied]
    few = names[0] if len(names) == 1 else f"{len(names)} rows"
    return Cell(few, "quiet wrap", names=", ".join(names) if len(names) > 1 else "")


def _robustness(answer: Mapping[str, Any]) -> str:
    if "robust" not in answer or answer["robust"] is None:
        return ""
    if answer["robust"]:
        return "The slope over all pairs and that of the match alone do not contradict each other."
    return "Not robust: the slope over all pairs and that of the match alone contradict each other."


def summary_sentences(
    dyads: pd.DataFrame, left_out: int = 0, shrunken: pd.DataFrame | None = None
) -> list[str]:
    """How many dyads gain or lose beyond their interval, and which most; empty without dyads.

    `left_out`: pairs that are not among `dyads` because one of their runs did not learn.
    `shrunken`: intermediate, target and gain_shrunken, where more than one seed tells how far an
    extreme is luck.
    """
    sentences = []
    if left_out:
        sentences.append(
            f"{left_out} of {left_out + len(dyads)} pairs rest on a run that did not learn its "
            "task; they are marked † wherever they stand, and counted nowhere here."
        )
    if dyads.empty:
        return sentences
    sentences.append(_beyond_chance(dyads))
    if len(dyads) > 1:
        ends = dyads.loc[dyads["gain"].idxmax()], dyads.loc[dyads["gain"].idxmin()]
        best, least = (_named(end, shrunken) for end in ends)
        sentences.append(
            f"The extremes are {best} and {least}; an extreme of many estimates is partly luck."
        )
    return sentences


def _beyond_chance(dyads: pd.DataFrame) -> str:
    if dyads["seeds"].max() < 2 and not dyads["stated"].any():
        return (
            f"Of {len(dyads)} pairs of an intermediate and a target task none can be told from "
            "chance: one seed does not say what another training run would have given."
        )
    certain = dyads[dyads["distinguishable"]]
    better, worse = int((certain["gain"] > 0).sum()), int((certain["gain"] < 0).sum())
    return (
        f"Of {len(dyads)} pairs of an intermediate and a target task, {better} gain and {worse} "
        "lose by more than their 95 % interval allows for chance; up to about "
        f"{max(round(len(dyads) / 20), 1)} would do so if no intermediate task had any effect."
    )


def _named(dyad: pd.Series, shrunken: pd.DataFrame | None) -> str:
    pair = f"{written(dyad['intermediate'])} → {written(dyad['target'])}"
    raw = f"{pair}, {number(dyad['gain'], signed=True)} {interval(dyad['low'], dyad['high'])}"
    if shrunken is None or "gain_shrunken" not in shrunken:
        return raw
    own = (shrunken["intermediate"] == dyad["intermediate"]) & (
        shrunken["target"] == dyad["target"]
    )
    value = shrunken.loc[own, "gain_shrunken"].dropna()
    if value.empty:
        return raw
    return f"{raw} (without the luck to be expected {number(value.iloc[0], signed=True)})"


SECTION = Section(
    name="answer",
    title="Answer",
    order=10,
    reads=(*DYADS, "scores", "best", "inference", "answer"),
    context=context,
)
