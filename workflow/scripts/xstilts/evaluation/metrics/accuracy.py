"""How many answers are right."""

import numpy as np

from xstilts.evaluation.metrics.methods.mean import Mean, column
from xstilts.evaluation.metrics.protocol import Texts


class Accuracy(Mean):
    """An example is right (1) if the prediction is the gold text."""

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """1 where right, else 0: [examples, 1]."""
        pairs = zip(predictions, golds, strict=True)
        return column(predicted == gold for predicted, gold in pairs)


METRIC = Accuracy()
