"""Pearson's product-moment correlation from sums over examples."""

from abc import abstractmethod

import numpy as np

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics.protocol import Metric, Texts

# A sum of squares about the mean that is a smaller part than this of that about zero is rounding.
ROUNDING = 1e-12


class Correlation(Metric):
    """An example adds x, y, x^2, y^2 and xy; the score is 100 r of x and y (-100 to 100).

    r is 0 where predictions or golds do not vary, and so show no association: SciPy gives NaN
    there, scikit-learn's `matthews_corrcoef` 0.
    """

    width = 5

    @abstractmethod
    def correlated(self, texts: Texts) -> np.ndarray:
        """What is correlated of the numbers that `texts` say, float [texts]."""

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """Products of what is correlated of both sides, [examples, 5]."""
        return products(self.correlated(predictions), self.correlated(golds))

    def score_of_totals(self, totals: np.ndarray, examples: int | np.ndarray) -> np.ndarray:
        """The covariance over the product of the standard deviations, times hundred."""
        x, y, xx, yy, xy = np.moveaxis(np.asarray(totals, float), -1, 0)
        around_x, around_y = xx - x * x / examples, yy - y * y / examples
        varies = (around_x > ROUNDING * xx) & (around_y > ROUNDING * yy)
        spread = np.sqrt(np.where(varies, around_x, 1)) * np.sqrt(np.where(varies, around_y, 1))
        r = np.where(varies, (xy - x * y / examples) / spread, 0.0)
        return 100 * np.clip(r, -1.0, 1.0)


def products(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What examples add, float [examples, 5].

    Values are taken from their means first, which changes no correlation, also not of some of the
    examples, and spares the sums of large numbers whose differences are small.
    """
    x, y = (side - side.mean() if len(side) else side for side in (x, y))
    return np.stack([x, y, x * x, y * y, x * y], axis=1)


def numbers(texts: Texts) -> np.ndarray:
    """The finite numbers that `texts` say, float [texts].

    Raises:
        StudyError: one of them says none.
    """
    return np.array([_number(text) for text in texts], float)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise StudyError(
            f"A correlation needs numbers, and {text!r} is none; choose another metric in the "
            "task's sheet, or see to its labels."
        )
    return value
