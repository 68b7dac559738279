"""F1 of labelled spans, as seqeval counts them."""

import numpy as np

from xstilts.evaluation import tags
from xstilts.evaluation.metrics.methods.f1_of_counts import F1OfCounts
from xstilts.evaluation.metrics.methods.tagged import split_tags
from xstilts.evaluation.metrics.protocol import Texts


class SpanF1(F1OfCounts):
    """Spans of tags (names), over all sentences of a set."""

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """Correct, predicted and gold spans of each sentence, [sentences, 3]."""
        return tags.span_counts(split_tags(predictions), split_tags(golds))


METRIC = SpanF1()
