"""Which rows of a target cannot be told from one of them, by the interval of their difference."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from xstilts.report.dyad_gains import NORMAL_95

BASELINE = "none"


def tied_with(
    row: str, target: str, dyads: pd.DataFrame, errors: pd.DataFrame, gains: pd.DataFrame
) -> list[str]:
    """The target's other rows, the baseline among them, whose difference from `row` may be zero.

    Best first. The interval of a difference is made as that of a gain (which is the difference
    from the baseline): over items, and over seeds with a variance that is pooled over all pairs of
    the target's intermediate tasks. Where the items' error of a difference is not known it is
    taken to be the sum of both gains' errors, an upper bound.

    Args:
        row: an intermediate task or `none`.
        target: its name.
        dyads: as from `dyad_gains.summarise`.
        errors: target, first, second, error; may be empty.
        gains: what `dyads` were made from.
    """
    own = dyads[dyads["target"] == target].set_index("intermediate")
    known = _known(errors[errors["target"] == target])
    between = _variance_of_differences(gains[gains["target"] == target])
    if own["stated"].any():
        # Two rows' runs vary as those of a row and the baseline do.
        between = float((own["seed_variance"] * own["seeds"]).max())
    values = {BASELINE: 0.0, **own["gain"].to_dict()}
    if row not in values:
        return []
    tied = [
        other
        for other in values
        if other != row
        and abs(values[other] - values[row]) <= _half_width(row, other, own, known, between)
    ]
    return sorted(tied, key=lambda name: (-values[name], name))


def _known(errors: pd.DataFrame) -> dict[frozenset[str], float]:
    return {frozenset((row.first, row.second)): row.error for row in errors.itertuples()}


def _half_width(
    row: str,
    other: str,
    own: pd.DataFrame,
    known: Mapping[frozenset[str], float],
    between: float,
) -> float:
    """Of the 95 % interval of the difference; infinite where nothing is known of it."""
    halves = (own["high"] - own["low"]) / 2
    if BASELINE in (row, other):
        half = halves[other if row == BASELINE else row]
        return np.inf if np.isnan(half) else float(half)
    error = known.get(frozenset((row, other)))
    if error is None:
        bound = (halves[row] + halves[other]) / NORMAL_95
        return np.inf if np.isnan(bound) else float(NORMAL_95 * bound)
    seeds = float(min(own["seeds"][row], own["seeds"][other]))
    return float(NORMAL_95 * np.sqrt(error**2 + between / seeds))


def _variance_of_differences(gains: pd.DataFrame) -> float:
    """Variance between seeds of the difference of two rows, averaged over pairs; 0 of one seed."""
    by_seed = gains.groupby(["seed", "intermediate"])["gain"].mean().unstack("intermediate")
    if len(by_seed) < 2 or by_seed.shape[1] < 2:
        return 0.0
    # The mean over pairs of var(a - b) is twice the mean variance less twice the mean covariance.
    covariance = by_seed.cov(ddof=1).to_numpy()
    count = len(covariance)
    total = 2 * count * np.nansum(np.diag(covariance)) - 2 * np.nansum(covariance)
    return float(total / (count * (count - 1)))
