"""Matthews' correlation of predicted and gold labels (CoLA in GLUE: Wang et al. 2019)."""

import numpy as np

from xstilts.evaluation.metrics.protocol import Metric, Texts


class MatthewsCorrelation(Metric):
    """100 R_K (-100 to 100): Matthews 1975 for two classes, Gorodkin 2004 for any number.

    An example adds whether it is right and, for each class of the set, whether it is predicted and
    whether it is gold: 1 + 2 classes numbers. 0 where predictions or golds are all of one class, as
    in scikit-learn.
    """

    width = None

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "MCC"

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """Right, then predicted and gold for each class, 0 or 1: [examples, 1 + 2 classes]."""
        classes = sorted({*predictions, *golds})
        predicted, gold = (np.array(side, object) for side in (predictions, golds))
        members = [side == name for name in classes for side in (predicted, gold)]
        return np.array([predicted == gold, *members], float).T

    def score_of_totals(self, totals: np.ndarray, examples: int | np.ndarray) -> np.ndarray:
        """The covariance of the two codings over the root of the product of their variances."""
        totals, count = np.asarray(totals, float), np.asarray(examples, float)
        right, predicted, gold = totals[..., 0], totals[..., 1::2], totals[..., 2::2]
        together = right * count - (predicted * gold).sum(axis=-1)
        spread = (count**2 - (predicted**2).sum(-1)) * (count**2 - (gold**2).sum(-1))
        return 100 * np.where(spread > 0, together / np.sqrt(np.where(spread > 0, spread, 1)), 0.0)


METRIC = MatthewsCorrelation()
