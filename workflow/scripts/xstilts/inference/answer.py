"""The study's answer in one plain sentence, and what it could not have seen in another.

Two slopes are told: over all pairs of tasks, and of the match alone (see `match`). That one is seen
and the other is not, is no contradiction, for they ask different things and have unlike errors; so
a result is called not robust only where the two are seen to differ, or where one that is seen has
the other against it.
"""

from math import isfinite
from typing import TypedDict, TypeGuard

import pandas as pd

from xstilts.inference.analyses.equivalence import SIGNIFICANT

QUESTION = "Does the similarity of two tasks predict how much one helps the other across languages?"
# In studies in which the two slopes do not differ, their contrast says so of 3 to 5 in 100 at this
# level, and of 10 where tails are heavy and families that nobody knows of share effects
# (benchmarks/calibration.md).
DIFFERENT = SIGNIFICANT
NOTHING = "This study cannot say whether similarity predicts gain; what it lacks is under problems."


class Effect(TypedDict):
    """What is asked of a row of the table `effects`; NaN where a number is not known."""

    estimate: float
    low: float
    high: float
    p: float
    n: int
    note: str


def is_robust(
    headline: Effect | None, match: Effect | None, contrast: Effect | None
) -> bool | None:
    """False where the two slopes differ or a slope that is seen has the other against it.

    None where one of the two could not be tested.
    """
    if not (_has_p(headline) and _has_p(match)):
        return None
    if _differ(contrast):
        return False
    opposite = (headline["estimate"] > 0) != (match["estimate"] > 0)
    return not (opposite and (_seen(headline) or _seen(match)))


def answer(
    headline: Effect | None, match: Effect | None, contrast: Effect | None, measure: str
) -> str:
    """What was found, with its intervals.

    The effects are rows of the table `effects`; a `match` without p says why in its `note`.
    """
    # Where the model could not be fitted, the match alone stands for both.
    first = headline or match
    if first is None or (headline is None and not _has_p(match)):
        return NOTHING
    size = "" if measure == "" else f" ({measure.replace('_', ' ')})"
    parts = [
        f"Over {first['n']} pairs of tasks, one standard deviation more similarity{size} goes with "
        f"a gain {_slope(first)}"
    ]
    if headline is not None and match is not None:
        parts.append(f"the match of two tasks alone with one {_slope(match)}")
    return f"{', '.join(parts)}: {verdict(headline, match, contrast)}."


def verdict(headline: Effect | None, match: Effect | None, contrast: Effect | None) -> str:
    """What the two slopes say together; every combination has words of its own."""
    if not _has_p(headline):
        return _match_only(match)
    if not _has_p(match):
        reason = str(match["note"] if match is not None else "") or "there was no permutation test"
        if not _seen(headline):
            return (
                "similarity is not shown to predict gain, and the match alone could not be tested, "
                f"because {reason}"
            )
        return f"more similar tasks help {_more(headline)}, not confirmed, because {reason}"
    if is_robust(headline, match, contrast):
        return _agreeing(headline, match)
    if _differ(contrast):
        return (
            f"the two slopes differ (p {_p(contrast['p'])}), so the result is not robust: what "
            "holds between tasks does not hold for the match of two"
        )
    seen = "over all pairs" if _seen(headline) else "of the match alone"
    if _seen(headline) and _seen(match):
        seen = "over all pairs and that of the match alone"
        return (
            f"the slope {seen} are both seen and have opposite signs, so the result is not robust"
        )
    return (
        f"the slope {seen} is seen and the other has the opposite sign, so the result is not robust"
    )


def _agreeing(headline: Effect, match: Effect) -> str:
    if _seen(headline) and _seen(match):
        return (
            f"more similar tasks help {_more(headline)}, and so does the better match of the same "
            "tasks"
        )
    if _seen(headline):
        return (
            f"more similar tasks help {_more(headline)}; that the match of two tasks does it by "
            "itself is not shown"
        )
    if _seen(match):
        return (
            f"among these tasks the better match helps {_more(match)}; for tasks like these "
            "similarity is not shown to predict gain"
        )
    return "similarity is not shown to predict gain"


def _match_only(match: Effect | None) -> str:
    if not _has_p(match):
        return "neither slope could be tested"
    if _seen(match):
        return (
            f"among these tasks the better match helps {_more(match)}; the slope for tasks like "
            "these could not be had"
        )
    return (
        "similarity is not shown to predict gain; the slope for tasks like these could not be had"
    )


def _slope(effect: Effect) -> str:
    slope = effect["estimate"]
    direction = "higher" if slope >= 0 else "lower"
    inside = [f"p {_p(effect['p'])}"] if _has_p(effect) else ["no p"]
    if isfinite(effect["low"]) and isfinite(effect["high"]):
        inside.insert(0, f"95 % interval {effect['low']:+.2f} to {effect['high']:+.2f}")
    return f"{abs(slope):.2f} standard deviations {direction} ({', '.join(inside)})"


def _has_p(effect: Effect | None) -> TypeGuard[Effect]:
    return effect is not None and not pd.isna(effect["p"])


def _seen(effect: Effect | None) -> TypeGuard[Effect]:
    return _has_p(effect) and effect["p"] < SIGNIFICANT


def _differ(contrast: Effect | None) -> TypeGuard[Effect]:
    return _has_p(contrast) and contrast["p"] < DIFFERENT


def _more(effect: Effect) -> str:
    return "more" if effect["estimate"] > 0 else "less"


def limits(
    power: pd.DataFrame, equivalence: pd.DataFrame, ceiling: pd.DataFrame, seeds: int
) -> str:
    """What the study could not have seen."""
    if power.empty:
        return "Nothing can be said of slopes of any size."
    here = power.iloc[0]
    sentence = (
        f"With {here['intermediates']:.0f} intermediate and {here['targets']:.0f} target tasks it "
    )
    smallest = here["smallest_slope_seen"]
    if pd.isna(smallest):
        sentence += "would hardly have found a slope of any size in four of five such studies"
    else:
        sentence += (
            f"would have found, in four of five such studies, a slope of {smallest:.2f} or more, "
            "and may well have missed a smaller one"
        )
    if len(equivalence):
        smallest = equivalence["smallest_bound"].iloc[0]
        # Two one-sided tests at 5 % go with an interval of 90 %, which is narrower than the 95 %
        # interval that stands beside it.
        sentence += f"; by its 90 % interval it rules out slopes beyond ±{smallest:.2f}"
    best = ceiling.loc[ceiling["quantity"] == "best_possible_correlation", "value"]
    if len(best) and pd.notna(best.iloc[0]):
        sentence += f", and noise caps any predictor's correlation at {best.iloc[0]:.2f}"
    elif seeds < 2:
        sentence += "; with one seed it cannot tell the noise of training from the gains"
    return sentence + "."


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"= {value:.3f}"
