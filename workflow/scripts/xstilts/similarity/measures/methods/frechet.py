"""Fréchet distance between two Gaussians (Dowson and Landau 1982), as in FID (Heusel et al. 2017).

In as many principal components as a sample of some dozens can give a covariance for.
"""

import numpy as np

from xstilts.similarity.resampling import Sample

COMPONENTS = 16

Summary = tuple[np.ndarray, np.ndarray, np.ndarray]


class NegativeFrechetDistance:
    """Minus the distance between the Gaussians with the means and covariances of two samples."""

    def __init__(self, axes: np.ndarray) -> None:
        """`axes` [d, k]: orthonormal directions in which samples are compared."""
        self.axes = axes

    @classmethod
    def fit(cls, samples: list[Sample]) -> "NegativeFrechetDistance":
        """The first principal components of all samples together."""
        pooled = np.concatenate([np.asarray(sample.points, dtype=float) for sample in samples])
        covariance = np.cov(pooled, rowvar=False).reshape(pooled.shape[1], -1)
        return cls(np.linalg.eigh(covariance)[1][:, ::-1][:, :COMPONENTS])

    def summarise(self, sample: Sample) -> Summary:
        """Means [masks, k], covariances and their square roots [masks, k, k]."""
        points = np.asarray(sample.points, dtype=float) @ self.axes
        means, covariances = [], []
        for mask in sample.masks:
            chosen = points[mask]
            means.append(chosen.mean(0))
            covariances.append(np.cov(chosen, rowvar=False).reshape(self.axes.shape[1], -1))
        covariance = np.array(covariances)
        values, vectors = np.linalg.eigh(covariance)
        values = np.sqrt(np.maximum(values, 0))
        return np.array(means), covariance, (vectors * values[:, None]) @ vectors.mT

    def compare(self, one: Summary, other: Summary) -> np.ndarray:
        """Minus the distance, by mask."""
        (mean, covariance, root), (other_mean, other_covariance, _) = one, other
        both = np.linalg.eigvalsh(root @ other_covariance @ root)
        shared = np.sqrt(np.maximum(both, 0)).sum(1)
        traces = np.trace(covariance + other_covariance, axis1=1, axis2=2)
        squared = ((mean - other_mean) ** 2).sum(1) + traces - 2 * shared
        return -np.sqrt(np.maximum(squared, 0))
