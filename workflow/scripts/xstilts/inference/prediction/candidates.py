"""The intermediate tasks of which one is nearly best for a target, with a stated confidence.

For each target left out, the others predict its rows; `none`, whose gain is zero, is one of them.
How far below the highest prediction the first nearly best row is predicted is that
target's reach. Of a further target, exchangeable with K others, the reach is at most the j-th
smallest of theirs with probability j / (K + 1) or more (Vovk, Gammerman & Shafer 2005, *Algorithmic
Learning in a Random World*), so that the rows predicted within that reach hold a nearly best one.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from xstilts.inference.prediction.conformal import attainable

NONE = "none"
CANDIDATES = [
    "target", "confidence", "within", "reach", "size", "candidates", "can_be_none", "holds",
]  # fmt: skip
# Fewer targets than these allow no set worth the name.
FEWEST = 5


def candidate_sets(rows: pd.DataFrame, confidence: float, within: float) -> pd.DataFrame:
    """The set of each target, as the other targets make it, with the columns CANDIDATES.

    `candidates` are written with commas, the highest prediction first; `can_be_none` says that no
    intermediate task is sure to be needed, `holds` whether the set holds a nearly best row.

    Args:
        rows: intermediate, target, gain (points) and predicted, by a model without the target.
        confidence: asked for; with K other targets at most K / (K + 1) can be had, which is told.
        within: points below the best that count as nearly best.
    """
    targets = _targets(rows)
    if len(targets) < FEWEST:
        return pd.DataFrame(columns=CANDIDATES)
    reaches = {name: reach(own, within) for name, own in targets.items()}
    sets = []
    for name, own in targets.items():
        others = [value for other, value in reaches.items() if other != name]
        kept, *facts = _set_of(own, others, confidence, within)
        holds = bool(kept["gain"].max() >= own["gain"].max() - within)
        sets.append((name, *facts, holds))
    return pd.DataFrame(sets, columns=CANDIDATES)


def candidates_of_new(
    name: str, expected: pd.DataFrame, rows: pd.DataFrame, confidence: float, within: float
) -> pd.DataFrame:
    """The set of a target that was never run, as all others make it; the columns CANDIDATES.

    One row, in which nothing is said of `holds`; none where the study has too few targets.

    Args:
        name: of the new target.
        expected: intermediate and predicted, in points.
        rows: of the study's own targets, as of `candidate_sets`.
        confidence: as of `candidate_sets`.
        within: as of `candidate_sets`.
    """
    reaches = [reach(own, within) for own in _targets(rows).values()]
    if len(reaches) < FEWEST:
        return pd.DataFrame(columns=CANDIDATES)
    own = _with_none(expected.assign(gain=np.nan))
    _, *facts = _set_of(own, reaches, confidence, within)
    return pd.DataFrame([(name, *facts, None)], columns=CANDIDATES)


def _targets(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): _with_none(own) for name, own in rows.groupby("target", sort=True)}


def _set_of(
    own: pd.DataFrame, reaches: Sequence[float], confidence: float, within: float
) -> tuple[pd.DataFrame, float, float, float, int, str, bool]:
    """The rows of a target's set, the highest prediction first, and what CANDIDATES says of it."""
    others, reached = np.sort(reaches), attainable(len(reaches), confidence)
    # 10 * 0.9 is 9, and must not need a tenth target by rounding.
    limit = float(others[math.ceil(round((len(others) + 1) * reached, 9)) - 1])
    kept = own[own["predicted"] >= own["predicted"].max() - limit - 1e-12]
    kept = kept.sort_values(["predicted", "intermediate"], ascending=[False, True])
    names = kept["intermediate"].tolist()
    return kept, reached, within, limit, len(names), ",".join(names), NONE in names


def reach(own: pd.DataFrame, within: float) -> float:
    """How far below the highest prediction of a target's rows a nearly best one is predicted."""
    nearly = own.loc[own["gain"] >= own["gain"].max() - within, "predicted"]
    return float(own["predicted"].max() - nearly.max())


def _with_none(own: pd.DataFrame) -> pd.DataFrame:
    kept = own.loc[own["intermediate"] != NONE, ["intermediate", "gain", "predicted"]]
    none = pd.DataFrame({"intermediate": [NONE], "gain": [0.0], "predicted": [0.0]})
    return pd.concat([kept, none], ignore_index=True)
