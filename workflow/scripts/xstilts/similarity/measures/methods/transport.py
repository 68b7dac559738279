"""Sliced Wasserstein distance: optimal transport, exact on lines (Bonneel et al. 2015).

Along a line the best plan matches quantile with quantile, so that a sample is the vector of its
quantiles along many random lines, and the distance one between such vectors.
"""

import numpy as np

from xstilts.similarity.resampling import Sample

DIRECTIONS, QUANTILES = 128, 32


class NegativeTransportDistance:
    """Minus the sliced 2-Wasserstein distance."""

    def __init__(self, directions: np.ndarray) -> None:
        """`directions` [d, L]: unit vectors along which samples are compared."""
        self.directions = directions

    @classmethod
    def fit(cls, samples: list[Sample], seed: int) -> "NegativeTransportDistance":
        """Random directions, the same for all samples."""
        width = np.asarray(samples[0].points).shape[1]
        directions = np.random.default_rng(seed).standard_normal((width, DIRECTIONS))
        return cls(directions / np.linalg.norm(directions, axis=0))

    def summarise(self, sample: Sample) -> np.ndarray:
        """Quantiles along every direction, flat, [masks, L * quantiles]."""
        projected = np.asarray(sample.points, dtype=float) @ self.directions
        levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
        return np.array([_quantiles(projected[mask], levels) for mask in sample.masks])

    def compare(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Minus the distance, by mask."""
        return -np.sqrt(((one - other) ** 2).mean(1))


def _quantiles(points: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Inverse of the empirical distribution at `levels`, of each column; numpy's is far slower."""
    position = np.clip(levels * len(points) - 0.5, 0, len(points) - 1)
    below = np.floor(position).astype(int)
    above = np.minimum(below + 1, len(points) - 1)
    weight = (position - below)[:, None]
    points = np.sort(points, axis=0)
    return ((1 - weight) * points[below] + weight * points[above]).ravel()
