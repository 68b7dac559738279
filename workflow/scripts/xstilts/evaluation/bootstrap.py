"""Bootstrap intervals over examples, paired across the cells that answered the same examples.

Percentile intervals of resampled scores (Efron & Tibshirani 1993, ch. 13); paired resampling for
differences as in Berg-Kirkpatrick et al. 2012. Examples are the units, so the intervals speak of
the choice of test items and not of the luck of a training seed.
"""

from collections.abc import Sequence

import numpy as np

from xstilts.evaluation.metrics import Metric

DRAWS_AT_ONCE = 4_000_000  # resampled examples held in memory: 32 MB of counts


def weights(examples: int, resamples: int, random: np.random.Generator) -> np.ndarray:
    """How often each example is drawn, float [resamples, examples]; each row sums to `examples`."""
    drawn = random.integers(examples, size=(resamples, examples))
    drawn += np.arange(resamples)[:, None] * examples
    counts = np.bincount(drawn.ravel(), minlength=resamples * examples)
    return counts.reshape(resamples, examples).astype(np.float64)


def side_by_side(cells: Sequence[np.ndarray]) -> np.ndarray:
    """Contributions of cells, each [examples, its width], as one array [examples, cells, widest].

    Narrower ones get columns of zeros, which change no score (see `Metric.width`).
    """
    widest = max(values.shape[1] for values in cells)
    return np.stack(
        [np.pad(values, ((0, 0), (0, widest - values.shape[1]))) for values in cells], axis=1
    )


def resampled_scores(
    metric: Metric, contributions: np.ndarray, resamples: int, seed: int
) -> np.ndarray:
    """Scores (0-100) of each cell under the same resamples of the examples.

    Args:
        metric: that the contributions are those of.
        contributions: [examples, cells, width], the same examples in the same order for all cells.
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
    sums = np.concatenate(totals).reshape(resamples, cells, parts)
    return metric.score_of_totals(sums, examples)


def interval(values: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central percentile interval of `values` [resamples, ...] along the first axis."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
