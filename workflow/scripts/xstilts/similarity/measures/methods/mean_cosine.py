"""Cosine between means: of sentence embeddings (TextEmb) or of Fisher information (TaskEmb).

Vu et al. (2020), Exploring and predicting transferability across NLP tasks, EMNLP.
"""

import numpy as np

from xstilts.similarity.resampling import Sample


class MeanCosine:
    """Cosine of the angle between the mean vectors of two samples, -1 to 1."""

    def summarise(self, sample: Sample) -> np.ndarray:
        """Unit vectors [masks, d] in the direction of each mask's mean."""
        totals = sample.masks.astype(float) @ np.asarray(sample.points, dtype=float)
        return totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), 1e-300)

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Cosine by mask."""
        return np.clip((one * other).sum(1), -1, 1)
