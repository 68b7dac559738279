"""The match alone: does similarity predict gain beyond what both tasks are in general?

The headline's slope mixes two: between pairs of the same tasks, which the permutation test sees,
and between tasks, some of which are similar to everything and may help everything. Here both stand
beside each other, and their difference is tested as Mundlak (1978), Econometrica 46, did: by a
model like the headline's with similarity split in its parts.

Those are three: intermediate tasks', targets', and the pairs' own. With one slope for both kinds of
tasks the two would be weighted by variances that seven or so degrees of freedom tell of each, and
their difference comes out at p < 0.05 in 7 of 100 studies without one; so each has its slope, and
what they are together is their mean by the parts' sums of squares, which needs no estimate.
Tasks' own slopes are of the pairs' part alone, as in the within-between model of Bell, Fairbrother
& Jones (2019), Quality & Quantity 53: slopes of the tasks' part are no more than another intercept
of every task. So it comes out in 3 to 5 of 100 (benchmarks/calibration.md).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mixed_models.denominator_df import Test, kenward_roger
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    design_of,
    dyad_terms,
    fit_without_zero,
)
from xstilts.inference.analyses.permutation import Permutation
from xstilts.inference.dyads import two_way

WITHIN = "similarity_within"
OF_TASKS = ("similarity_of_intermediate", "similarity_of_target")


def contrast(
    table: pd.DataFrame, response: str = "gain_scaled", covariates: Sequence[str] = ()
) -> Test | None:
    """The slope within pairs less the slope between tasks; None where one of them has no spread.

    Raises:
        StudyError: the numbers allow no fit.
    """
    split = split_similarity(table, covariates)
    design, terms = design_of(split, [FLAG, *covariates, *OF_TASKS, WITHIN])
    squares = {name: float((split[name] ** 2).sum()) for name in OF_TASKS if name in terms}
    if WITHIN not in terms or not squares:
        return None
    values = split[response].to_numpy(float)
    fitted, _ = fit_without_zero(values, design, dyad_terms(split, WITHIN))
    between = {name: -square / sum(squares.values()) for name, square in squares.items()}
    weights = between | {WITHIN: 1.0}
    return kenward_roger(fitted, np.array([weights.get(term, 0.0) for term in terms]))


def split_similarity(table: pd.DataFrame, covariates: Sequence[str] = ()) -> pd.DataFrame:
    """`table` with similarity in parts: either task's, and what they and covariates leave of it."""
    tasks = two_way(table)
    values = table[SIMILARITY].to_numpy(float)
    within = tasks.residual(values)
    given = [table[name].to_numpy(float) for name in (FLAG, *covariates)]
    others = tasks.residual(np.column_stack(given))
    within = within - others @ np.linalg.lstsq(others, within, rcond=1e-10)[0]
    parts = {WITHIN: within}
    for name, effects, codes in zip(
        OF_TASKS, tasks.effects(values), (tasks.rows, tasks.columns), strict=True
    ):
        parts[name] = effects[codes] - effects[codes].mean()
    # A part this much smaller than what it is of is rounding error.
    smallest = 1e-9 * np.linalg.norm(values)
    return table.assign(
        **{name: part * (np.linalg.norm(part) > smallest) for name, part in parts.items()}
    )


def why_no_p(test: Permutation) -> str:
    """Why the relabelling gave no p, as what follows "because"; empty if it did."""
    if np.isfinite(test.p):
        return ""
    if test.relabellings < 100:
        return (
            f"only {test.intermediates} intermediate and {test.targets} target tasks have every "
            f"pair and others of their family to change places with, in {test.relabellings:.0f} "
            f"way{'' if test.relabellings == 1 else 's'}"
        )
    return "the tasks explain all of the similarity of their pairs"
