"""Estimates of several rows without the luck that is to be expected in them.

The best of many rows is partly the luckiest. By empirical Bayes each is drawn to their common mean
by the share of noise in it (Efron & Morris 1975, Journal of the American Statistical Association
70).
"""

import numpy as np

# Of two rows the spread of true values can hardly be told from noise.
FEWEST_ROWS = 3


def shrunken(estimates: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Estimates drawn to their mean, (rows,); NaN where errors are not known or rows too few.

    Args:
        estimates: one a row.
        errors: the standard error of each estimate's difference from the rows' mean.
    """
    if len(estimates) < FEWEST_ROWS or not np.isfinite(errors).all():
        return np.full(len(estimates), np.nan)
    mean = estimates.mean()
    # Of k rows, deviations from their mean have (k - 1) / k of the variance that single rows have.
    noise = errors**2
    spread = max(float(np.var(estimates, ddof=1) - noise.sum() / (len(estimates) - 1)), 0.0)
    single = noise * len(estimates) / (len(estimates) - 1)
    own = np.divide(spread, spread + single, out=np.zeros_like(single), where=spread + single > 0)
    return mean + own * (estimates - mean)
