"""How many words have the right tag."""

import numpy as np

from xstilts.evaluation import tags
from xstilts.evaluation.metrics.methods.f1_of_counts import F1OfCounts
from xstilts.evaluation.metrics.methods.tagged import split_tags
from xstilts.evaluation.metrics.protocol import Texts


class TagAccuracy(F1OfCounts):
    """Each word has one tag, so that the F1 of right words is the accuracy over words."""

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "accuracy"

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """Right words, words and again words of each sentence, [sentences, 3]."""
        return tags.word_counts(split_tags(predictions), split_tags(golds))


METRIC = TagAccuracy()
