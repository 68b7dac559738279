"""The study's answer in one plain sentence, and what it could not have seen in another."""

from collections.abc import Mapping

import pandas as pd

from xstilts.inference.analyses.equivalence import SIGNIFICANT

QUESTION = "Does the similarity of two tasks predict how much one helps the other across languages?"
Effect = Mapping[str, object]


def is_robust(headline: Effect | None, confirmation: Effect | None) -> bool | None:
    """Whether model and permutation test say the same; None if one of them could not be made."""
    if headline is None or confirmation is None or pd.isna(confirmation["p"]):
        return None
    return (headline["p"] < SIGNIFICANT) == (confirmation["p"] < SIGNIFICANT)


def answer(headline: Effect | None, confirmation: Effect | None, measure: str) -> str:
    """What was found, with its interval."""
    if headline is None:
        return (
            "This study cannot say whether similarity predicts gain; "
            "what it lacks is listed under problems."
        )
    slope, low, high = (float(headline[name]) for name in ("estimate", "low", "high"))
    p_values = f"p = {_p(headline['p'])} by the mixed model"
    if confirmation is not None and not pd.isna(confirmation["p"]):
        p_values += f", {_p(confirmation['p'])} by permutation"
    robust = is_robust(headline, confirmation)
    if robust is False:
        verdict = "the two tests disagree, so the result is not robust"
    elif headline["p"] >= SIGNIFICANT:
        verdict = "similarity is not shown to predict gain"
    elif slope > 0:
        verdict = "more similar tasks help more"
    else:
        verdict = "more similar tasks help less"
    direction = "higher" if slope >= 0 else "lower"
    return (
        f"Over {headline['n']} pairs of tasks, one standard deviation more similarity "
        f"({measure.replace('_', ' ')}) goes with a gain {abs(slope):.2f} standard deviations "
        f"{direction} (95 % interval {low:+.2f} to {high:+.2f}; {p_values}): {verdict}."
    )


def limits(
    power: pd.DataFrame, equivalence: pd.DataFrame, ceiling: pd.DataFrame, seeds: int
) -> str:
    """What the study could not have seen."""
    if power.empty:
        return "Nothing can be said of slopes of any size."
    here = power.iloc[0]
    sentence = (
        f"With {here['intermediates']:.0f} intermediate and {here['targets']:.0f} target tasks it "
        f"would have found, in four of five such studies, a slope of "
        f"{here['smallest_detectable_slope']:.2f} or more, and may well have missed a smaller one"
    )
    if len(equivalence):
        smallest = equivalence["smallest_bound"].iloc[0]
        sentence += f"; it rules out slopes beyond ±{smallest:.2f} at the 5 % level"
    best = ceiling.loc[ceiling["quantity"] == "best_possible_correlation", "value"]
    if len(best) and pd.notna(best.iloc[0]):
        sentence += f", and noise caps any predictor's correlation at {best.iloc[0]:.2f}"
    elif seeds < 2:
        sentence += "; with one seed it cannot tell the noise of training from the gains"
    return sentence + "."


def _p(value: object) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
