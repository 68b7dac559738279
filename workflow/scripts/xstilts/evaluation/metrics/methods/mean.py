"""The mean over examples."""

from collections.abc import Iterable

import numpy as np

from xstilts.evaluation.metrics.protocol import Metric


class Mean(Metric):
    """Each example has a value from 0 to 1; the score (0-100) is their mean."""

    width = 1

    @property
    def paper_name(self) -> str:
        """What the mean of right (1) and wrong (0) is."""
        return "accuracy"

    def score_of_totals(self, totals: np.ndarray, examples: int | np.ndarray) -> np.ndarray:
        """Hundred times the mean."""
        return 100 * totals[..., 0] / examples


def column(values: Iterable[float]) -> np.ndarray:
    """One value per example as contributions, float [examples, 1]."""
    return np.array(list(values), float).reshape(-1, 1)
