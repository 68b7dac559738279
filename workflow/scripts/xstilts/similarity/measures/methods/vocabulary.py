"""Overlap of vocabularies, from texts of equal length."""

import re

import numpy as np

from xstilts.similarity.resampling import Sample

WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return WORD.findall(text.lower())


class VocabularyOverlap:
    """Jaccard index of the sets of words in two samples of so many running words, 0 to 1.

    A longer text has more different words, so that only samples of one length compare
    (rarefaction: Hurlbert 1971, Ecology 52).
    """

    def __init__(self, vocabulary: dict[str, int], length: int, seed: int) -> None:
        """`length` running words are drawn of each sample, with `seed`."""
        self.vocabulary, self.length, self.seed = vocabulary, length, seed

    @classmethod
    def fit(cls, samples: list[Sample], seed: int) -> "VocabularyOverlap":
        """All words of the samples (lists of texts); as many are drawn as the shortest has."""
        vocabulary: dict[str, int] = {}
        lengths = []
        for sample in samples:
            words_of = [words(text) for text in sample.points]
            for word in (word for own in words_of for word in own):
                vocabulary.setdefault(word, len(vocabulary))
            lengths.append((sample.masks @ np.array([len(own) for own in words_of])).min())
        return cls(vocabulary, int(min(lengths)), seed)

    def summarise(self, sample: Sample) -> np.ndarray:
        """Which words occur, float32 0 or 1, [masks, vocabulary]."""
        coded = [[self.vocabulary[word] for word in words(text)] for text in sample.points]
        present = np.zeros((len(sample.masks), len(self.vocabulary)), dtype=np.float32)
        random = np.random.default_rng(self.seed)
        for row, mask in zip(present, sample.masks, strict=True):
            running = np.array([code for own, kept in zip(coded, mask, strict=True) if kept
                                for code in own], dtype=int)  # fmt: skip
            row[random.permutation(running)[: self.length]] = 1
        return present

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Jaccard index, by mask."""
        shared = np.minimum(one, other).sum(1, dtype=float)
        either = np.maximum(one, other).sum(1, dtype=float)
        return shared / np.maximum(either, 1)
