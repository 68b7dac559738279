"""F1 of mined pairs of sentences (BUCC: Zweigenbaum et al. 2017)."""

import numpy as np

from xstilts.evaluation.metrics.methods.f1_of_counts import F1OfCounts
from xstilts.evaluation.metrics.protocol import Texts


class MiningF1(F1OfCounts):
    """Mined pairs, one source sentence a row; an empty id is no pair."""

    @property
    def has_unanswered(self) -> bool:
        """Most sentences have no translation."""
        return True

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """Correct, predicted and gold pairs of each source sentence, [sentences, 3]."""
        rows = [
            (predicted == gold != "", predicted != "", gold != "")
            for predicted, gold in zip(predictions, golds, strict=True)
        ]
        return np.array(rows, float).reshape(-1, 3)


METRIC = MiningF1()
