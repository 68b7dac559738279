"""Maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012, JMLR 13)."""

from dataclasses import dataclass

import numpy as np

from xstilts.similarity.resampling import Sample


@dataclass(frozen=True)
class Summary:
    """Points [n, d], masks [masks, n], and the mean kernel value within each mask's sample."""

    points: np.ndarray
    masks: np.ndarray
    within: np.ndarray


class NegativeDiscrepancy:
    """Minus the unbiased estimate of the squared discrepancy (their equation 3).

    0 on average for samples of one distribution, at times above it; the more negative, the
    further apart.
    """

    def __init__(self, bandwidth: float) -> None:
        """The kernel is exp(-|x - y|² / (2 bandwidth²))."""
        self.bandwidth = bandwidth

    @classmethod
    def fit(cls, samples: list[Sample]) -> "NegativeDiscrepancy":
        """Bandwidth by the median heuristic: the median distance between points of all samples.

        One bandwidth for all pairs, since numbers from different kernels do not compare.
        """
        pooled = np.concatenate([np.asarray(sample.points, dtype=float) for sample in samples])
        # A thousand points fix the median to a per cent; all of them would be quadratic.
        pooled = pooled[:: 1 + len(pooled) // 1000]
        squares = _squared_distances(pooled, pooled)[np.triu_indices(len(pooled), 1)]
        return cls(float(np.sqrt(np.median(squares))) or 1.0)

    def summarise(self, sample: Sample) -> Summary:
        """Mean kernel value over the pairs of different points within each mask."""
        points, masks = np.asarray(sample.points, dtype=float), sample.masks.astype(float)
        kernel = self._kernel(points, points)
        np.fill_diagonal(kernel, 0)
        counts = masks.sum(1)
        within = ((masks @ kernel) * masks).sum(1) / (counts * (counts - 1))
        return Summary(points, masks, within)

    def compare(self, one: Summary, other: Summary) -> np.ndarray:
        """Minus the squared discrepancy, by mask."""
        across = ((one.masks @ self._kernel(one.points, other.points)) * other.masks).sum(1)
        across /= one.masks.sum(1) * other.masks.sum(1)
        return 2 * across - one.within - other.within

    def _kernel(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.exp(_squared_distances(one, other) / (-2 * self.bandwidth**2))


def _squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
    return np.maximum(squares, 0)
