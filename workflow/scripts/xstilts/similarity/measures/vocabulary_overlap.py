"""Jaccard index of the words of two tasks' texts."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class VocabularyOfTasks(Measure):
    """How many of their words two tasks share."""

    compares = "texts"

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """All words, and how many running ones every task has."""
        from xstilts.similarity.measures.methods.vocabulary import VocabularyOverlap

        return VocabularyOverlap.fit(samples, seed)


MEASURE = VocabularyOfTasks()
