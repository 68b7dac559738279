"""The gains of dyads without the luck that is to be expected in them.

The largest of many gains is partly noise of its own runs: estimates are drawn to what both tasks,
and the pair's families, make expect, by the share of noise in them (best linear unbiased
prediction: Robinson 1991, Statistical Science 6). With one seed that share is not known.
"""

import numpy as np
import pandas as pd

from xstilts.inference.analyses.headline import fit_dyads


def shrunken_gains(table: pd.DataFrame, noise: dict[str, float] | None, seeds: float) -> np.ndarray:
    """Gain of each dyad of `table` in points, shrunken; NaN where `noise` is None.

    Args:
        table: dyads.
        noise: variances of `dyad` and `run` on the standardised scale (`seed_components`).
        seeds: training seeds averaged in a gain.

    Raises:
        StudyError: the numbers allow no fit.
    """
    if noise is None:
        return np.full(len(table), np.nan)
    fitted = fit_dyads(table, predictor="")
    expected = fitted.expected(table)
    whole = noise["dyad"] + noise["run"] / seeds
    own = noise["dyad"] / whole if whole > 0 else 0.0
    values = table["gain_scaled"].to_numpy(float)
    return (expected + own * (values - expected)) * table["gain_scale"].to_numpy(float)
