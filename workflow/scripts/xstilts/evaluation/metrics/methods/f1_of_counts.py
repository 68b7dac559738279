"""The F1 of counts that are summed over examples (micro-averaged)."""

import numpy as np

from xstilts.evaluation.metrics.protocol import Metric


class F1OfCounts(Metric):
    """An example has three counts, correct, predicted and gold; the score is the F1 of the sums."""

    width = 3

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "F1"

    def score_of_totals(self, totals: np.ndarray, examples: int | np.ndarray) -> np.ndarray:
        """2 correct / (predicted + gold), times hundred; of no counts 0."""
        both = totals[..., 1] + totals[..., 2]
        return 200 * totals[..., 0] / np.where(both > 0, both, 1)
