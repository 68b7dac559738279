"""Overlap of input formats: how many texts an example has, and how long they are."""

import numpy as np

from xstilts.similarity.resampling import Sample

# Lengths count in half powers of two; texts of more than 2^10 words are alike in length.
MOST_SEGMENTS, LENGTH_BINS = 8, 21
FEATURES = (MOST_SEGMENTS + 1, LENGTH_BINS, LENGTH_BINS)


def describe(segments: list[str]) -> tuple[int, int, int]:
    """Number of texts of an example; length of the first; mean length of the others (in bins)."""
    lengths = [len(text.split()) for text in segments]
    others = float(np.mean(lengths[1:])) if len(lengths) > 1 else 0.0
    return min(len(lengths), MOST_SEGMENTS), _bin(lengths[0]), _bin(others)


def _bin(length: float) -> int:
    return min(round(2 * np.log2(1 + length)), LENGTH_BINS - 1)


class FormatOverlap:
    """Mean, over three features of format, of the shared area of two histograms, 0 to 1."""

    def summarise(self, sample: Sample) -> np.ndarray:
        """Histograms of the three features side by side, [masks, bins]."""
        described = np.array([describe(segments) for segments in sample.points])
        bins = [np.eye(size)[column] for size, column in zip(FEATURES, described.T, strict=True)]
        counts = sample.masks.astype(float) @ np.concatenate(bins, axis=1)
        return counts / sample.masks.sum(1, keepdims=True)

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Overlap by mask."""
        return np.minimum(one, other).sum(1) / len(FEATURES)
