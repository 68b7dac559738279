"""What a fitted model says of its own rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fit import ProfileFit
from .random_terms import RandomTerm


@dataclass(frozen=True)
class FittedValues:
    """Per row, (n,): fixed effects alone, fixed and random effects, response minus the latter."""

    fixed: np.ndarray
    fitted: np.ndarray
    residual: np.ndarray


def fitted_values(
    fit: ProfileFit, response: np.ndarray, design: np.ndarray, random: Sequence[RandomTerm]
) -> FittedValues:
    """The values of the rows that the model was fitted to, with the random effects' modes."""
    fixed = np.asarray(design, dtype=float) @ fit.beta
    total = fixed.copy()
    for term in random:
        total += fit.modes[term.name][term.codes] * (
            1.0 if term.covariate is None else term.covariate
        )
    return FittedValues(fixed, total, np.asarray(response, dtype=float) - total)
