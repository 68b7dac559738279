"""The answer in a few sentences."""

import pandas as pd

from xstilts.report.formats import interval, number
from xstilts.report.names import written


def summary_sentences(dyads: pd.DataFrame, shrunken: pd.DataFrame | None = None) -> list[str]:
    """How many dyads gain or lose beyond their interval, and which most; empty without dyads.

    `shrunken`: intermediate, target and gain_shrunken, where more than one seed tells how far an
    extreme is luck.
    """
    if dyads.empty:
        return []
    sentences = [_beyond_chance(dyads)]
    if len(dyads) > 1:
        ends = dyads.loc[dyads["gain"].idxmax()], dyads.loc[dyads["gain"].idxmin()]
        best, least = (_named(end, shrunken) for end in ends)
        sentences.append(
            f"The extremes are {best} and {least}; an extreme of many estimates is partly luck."
        )
    return sentences


def _beyond_chance(dyads: pd.DataFrame) -> str:
    if dyads["seeds"].max() < 2:
        return (
            f"Of {len(dyads)} pairs of an intermediate and a target task none can be told from "
            "chance: one seed does not say what another training run would have given."
        )
    told = dyads[dyads["distinguishable"]]
    better, worse = int((told["gain"] > 0).sum()), int((told["gain"] < 0).sum())
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
