"""Pearson's correlation of predicted and gold numbers (STS-B in GLUE: Wang et al. 2019)."""

from collections.abc import Sequence

import numpy as np

from xstilts.evaluation.metrics.methods.correlation import Correlation, numbers, products


class Pearson(Correlation):
    """100 r of the numbers; 0 where either side does not vary."""

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "Pearson"

    def contribute(
        self, predictions: Sequence[str], golds: Sequence[str], language: str
    ) -> np.ndarray:
        """Products of the numbers, [examples, 5]."""
        return products(numbers(predictions), numbers(golds))


METRIC = Pearson()
