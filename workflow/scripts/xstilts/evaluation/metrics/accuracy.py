"""How many answers are right."""

from collections.abc import Sequence

import numpy as np

from xstilts.evaluation.metrics.methods.mean import Mean, column


class Accuracy(Mean):
    """An example is right (1) if the prediction is the gold text."""

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "accuracy"

    def contribute(
        self, predictions: Sequence[str], golds: Sequence[str], language: str
    ) -> np.ndarray:
        """1 where right, else 0: [examples, 1]."""
        pairs = zip(predictions, golds, strict=True)
        return column(predicted == gold for predicted, gold in pairs)


METRIC = Accuracy()
