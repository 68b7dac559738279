"""Bootstrap intervals over examples, paired across the cells that answered the same examples.

Percentile intervals of resampled scores (Efron & Tibshirani 1993, ch. 13); paired resampling for
differences as in Berg-Kirkpatrick et al. 2012. Examples are the units, so the intervals speak of
the choice of test items and not of the luck of a training seed.
"""

import numpy as np

from xstilts.evaluation.metrics import aggregate, from_totals

DRAWS_AT_ONCE = 4_000_000  # resampled examples held in memory: 32 MB of counts


def weights(examples: int, resamples: int, random: np.random.Generator) -> np.ndarray:
    """How often each example is drawn, float [resamples, examples]; each row sums to `examples`."""
    drawn = random.integers(examples, size=(resamples, examples))
    drawn += np.arange(resamples)[:, None] * examples
    counts = np.bincount(drawn.ravel(), minlength=resamples * examples)
    return counts.reshape(resamples, examples).astype(np.float64)


def resampled_scores(contributions: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Scores (0-100) of each cell under the same resamples of the examples.

    Args:
        contributions: [examples, cells, 1 or 3], the same examples in the same order for all cells.
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        float [resamples, cells].
    """
    examples, cells, parts = contributions.shape
    flat = np.ascontiguousarray(contributions, np.float64).reshape(examples, cells * parts)
    random = np.random.default_rng(seed)
    step = max(1, DRAWS_AT_ONCE // examples)
    blocks = [min(step, resamples - done) for done in range(0, resamples, step)]
    totals = [weights(examples, block, random) @ flat for block in blocks]
    return from_totals(np.concatenate(totals).reshape(resamples, cells, parts), examples)


def interval(values: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central percentile interval of `values` [resamples, ...] along the first axis."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def score_interval(
    contributions: np.ndarray, resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float, float]:
    """Score (0-100) of contributions [examples, 1 or 3] and the ends of its interval."""
    low, high = interval(resampled_scores(contributions[:, None], resamples, seed)[:, 0], level)
    return aggregate(contributions), float(low), float(high)


def difference_interval(
    contributions: np.ndarray, baseline: np.ndarray, resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float, float]:
    """Gain over `baseline` on the same examples, both [examples, 1 or 3], and its interval."""
    scores = resampled_scores(np.stack([contributions, baseline], axis=1), resamples, seed)
    low, high = interval(scores[:, 0] - scores[:, 1], level)
    return aggregate(contributions) - aggregate(baseline), float(low), float(high)
