"""The match alone: does similarity predict gain beyond what both tasks are in general?

The headline's slope mixes two: between pairs of the same tasks, which the permutation test sees,
and between tasks, some of which are similar to everything and may help everything. Here both stand
beside each other, and their difference is tested as Mundlak (1978), Econometrica 46, did: the model
of the headline with similarity split in these two parts.
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

WITHIN, BETWEEN = "similarity_within", "similarity_between"


def contrast(
    table: pd.DataFrame, response: str = "gain_scaled", covariates: Sequence[str] = ()
) -> Test | None:
    """The slope within pairs less the slope between tasks; None where one of them has no spread.

    Raises:
        StudyError: the numbers allow no fit.
    """
    split = split_similarity(table, covariates)
    design, terms = design_of(split, [FLAG, *covariates, BETWEEN, WITHIN])
    if not {BETWEEN, WITHIN} <= set(terms):
        return None
    values = table[response].to_numpy(float)
    found, _ = fit_without_zero(values, design, dyad_terms(table, SIMILARITY))
    signs = {WITHIN: 1.0, BETWEEN: -1.0}
    return kenward_roger(found, np.array([signs.get(term, 0.0) for term in terms]))


def split_similarity(table: pd.DataFrame, covariates: Sequence[str] = ()) -> pd.DataFrame:
    """`table` with similarity in two parts: what tasks and covariates leave of it, and the rest."""
    tasks = two_way(table)
    values = table[SIMILARITY].to_numpy(float)
    within = tasks.residual(values)
    given = [table[name].to_numpy(float) for name in (FLAG, *covariates)]
    others = tasks.residual(np.column_stack(given))
    within = within - others @ np.linalg.lstsq(others, within, rcond=1e-10)[0]
    small = np.linalg.norm(within) <= 1e-9 * np.linalg.norm(values)
    within = np.zeros_like(within) if small else within
    return table.assign(**{WITHIN: within, BETWEEN: values - within})


def why_no_p(found: Permutation) -> str:
    """Why the relabelling gave no p, as what follows "because"; empty if it did."""
    if np.isfinite(found.p):
        return ""
    if found.relabellings < 100:
        return (
            f"only {found.intermediates} intermediate and {found.targets} target tasks have every "
            f"pair and others of their family to change places with, in {found.relabellings:.0f} "
            f"way{'' if found.relabellings == 1 else 's'}"
        )
    return "the tasks explain all of the similarity of their pairs"
