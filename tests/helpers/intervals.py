"""Intervals of one score, and of one gain, by the bootstrap of whole tables."""

import numpy as np

from xstilts.evaluation.bootstrap import interval, resampled_scores, side_by_side
from xstilts.evaluation.metrics import Metric


def score_interval(
    metric: Metric, contributions: np.ndarray, resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float, float]:
    """Score (0-100) of contributions [examples, width] and the ends of its interval."""
    scores = resampled_scores(metric, contributions[:, None], resamples, seed)
    low, high = interval(scores[:, 0], level)
    return metric.score(contributions), float(low), float(high)


def difference_interval(
    metric: Metric,
    contributions: np.ndarray,
    baseline: np.ndarray,
    resamples: int,
    seed: int,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Gain over `baseline` on the same examples, both [examples, width], and its interval."""
    both = side_by_side([contributions, baseline])
    scores = resampled_scores(metric, both, resamples, seed)
    low, high = interval(scores[:, 0] - scores[:, 1], level)
    gain = metric.score(contributions) - metric.score(baseline)
    return gain, float(low), float(high)
