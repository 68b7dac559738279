"""The answer in a few sentences."""

import pandas as pd

from xstilts.report.formats import interval, number
from xstilts.report.names import written


def summary_sentences(dyads: pd.DataFrame) -> list[str]:
    """How many dyads gain or lose beyond their interval, and which most; empty without dyads."""
    if dyads.empty:
        return []
    told = dyads[dyads["distinguishable"]]
    better, worse = int((told["gain"] > 0).sum()), int((told["gain"] < 0).sum())
    sentences = [
        f"Of {len(dyads)} pairs of an intermediate and a target task, {better} gain and {worse} "
        "lose by more than their 95 % interval allows for chance; up to about "
        f"{max(round(len(dyads) / 20), 1)} would do so if no intermediate task had any effect."
    ]
    if len(dyads) > 1:
        best, least = dyads.loc[dyads["gain"].idxmax()], dyads.loc[dyads["gain"].idxmin()]
        sentences.append(
            f"The extremes are {_named(best)} and {_named(least)}; "
            "an extreme of many estimates is partly luck."
        )
    return sentences


def _named(dyad: pd.Series) -> str:
    pair = f"{written(dyad['intermediate'])} → {written(dyad['target'])}"
    return f"{pair}, {number(dyad['gain'], signed=True)} {interval(dyad['low'], dyad['high'])}"
