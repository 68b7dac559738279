"""Pearson's correlation of predicted and gold numbers (STS-B in GLUE: Wang et al. 2019)."""

import numpy as np

from xstilts.evaluation.metrics.methods.correlation import Correlation, numbers
from xstilts.evaluation.metrics.protocol import Texts


class Pearson(Correlation):
    """100 r of the numbers; 0 where either side does not vary."""

    def correlated(self, texts: Texts) -> np.ndarray:
        """The numbers."""
        return numbers(texts)

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "Pearson"


METRIC = Pearson()
