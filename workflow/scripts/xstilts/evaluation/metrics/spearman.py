"""Spearman's rank correlation of predicted and gold numbers (STS-B in GLUE: Wang et al. 2019)."""

import numpy as np

from xstilts.evaluation.metrics.methods.correlation import Correlation, numbers
from xstilts.evaluation.metrics.protocol import Texts


class Spearman(Correlation):
    """100 r of the ranks, equal values sharing their mean rank; 0 where a side does not vary.

    Ranks are those in the whole set that `contribute` is given (a test set in one language), also
    in a resample or half of it: ranking each resample anew would make its score no function of
    sums. The score of the set is exact; intervals are of the correlation of these fixed ranks.
    """

    def correlated(self, texts: Texts) -> np.ndarray:
        """The ranks in the whole set."""
        # SciPy's statistics cost a job half a second that does not need them.
        from scipy.stats import rankdata

        return rankdata(numbers(texts))

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "Spearman"


METRIC = Spearman()
