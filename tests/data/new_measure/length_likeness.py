"""A measure that the project does not have: how alike the texts of two tasks are in length."""

from xstilts.similarity.measures.protocol import Measure


class LengthLikeness(Measure):
    compares = "texts"

    def fit(self, samples, seed):
        return MeanLengths()


class MeanLengths:
    def summarise(self, sample):
        import numpy as np

        lengths = np.array([len(text.split()) for text in sample.points], dtype=float)
        return (sample.masks * lengths).sum(1) / sample.masks.sum(1)

    def compare(self, one, other):
        return -abs(one - other)


MEASURE = LengthLikeness()
