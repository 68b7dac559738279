"""LogME: how well features explain labels by a linear model, without fitting one by search.

You et al. (2021), LogME: practical assessment of pre-trained models for transfer learning, ICML.
"""

import numpy as np

MOST_STEPS, TOLERANCE = 100, 1e-6
SMALLEST, LARGEST = 1e-10, 1e10


def log_evidence(features: np.ndarray, labels: np.ndarray) -> float:
    """Log evidence per example, averaged over one 0/1 column per label that occurs.

    Each column y of n values is modelled as y ~ N(F w, 1/beta), w ~ N(0, 1/alpha), with the
    precisions alpha and beta that make y most probable (fixed point of their algorithm 1).

    Args:
        features: F, float [n, d].
        labels: [n] whole numbers.
    """
    left, singular, _ = np.linalg.svd(np.asarray(features, dtype=float), full_matrices=False)
    eigenvalues = singular**2
    columns = (labels[:, None] == np.unique(labels)).astype(float)
    found = [
        _maximum(eigenvalues, left.T @ column, float(column @ column), *features.shape)
        for column in columns.T
    ]
    return float(np.mean(found)) / len(labels)


def _maximum(
    eigenvalues: np.ndarray, projected: np.ndarray, square: float, count: int, width: int
) -> float:
    """Largest log evidence over alpha and beta.

    `eigenvalues` [r] are those of F'F other than 0, `projected` [r] the column in the
    coordinates of F's left singular vectors, `square` its squared length.
    """
    outside = max(square - float(projected @ projected), 0.0)
    alpha = beta = 1.0
    for _ in range(MOST_STEPS):
        precision = alpha + beta * eigenvalues
        effective = float((beta * eigenvalues / precision).sum())
        weights = float((beta**2 * eigenvalues * projected**2 / precision**2).sum())
        residual = outside + float(((alpha * projected / precision) ** 2).sum())
        before = alpha, beta
        alpha = float(np.clip(effective / max(weights, SMALLEST), SMALLEST, LARGEST))
        beta = float(np.clip((count - effective) / max(residual, SMALLEST), SMALLEST, LARGEST))
        if np.allclose(before, (alpha, beta), rtol=TOLERANCE, atol=0):
            break
    return evidence(alpha, beta, eigenvalues, projected, square, count, width)


def evidence(
    alpha: float,
    beta: float,
    eigenvalues: np.ndarray,
    projected: np.ndarray,
    square: float,
    count: int,
    width: int,
) -> float:
    """Log density of a column under N(0, I / beta + F F' / alpha); arguments as in `_maximum`."""
    precision = alpha + beta * eigenvalues
    outside = max(square - float(projected @ projected), 0.0)
    residual = outside + float(((alpha * projected / precision) ** 2).sum())
    weights = float((beta**2 * eigenvalues * projected**2 / precision**2).sum())
    determinant = float(np.log(precision).sum()) + (width - len(eigenvalues)) * np.log(alpha)
    fit = beta * residual + alpha * weights
    return 0.5 * (width * np.log(alpha) + count * np.log(beta / (2 * np.pi)) - fit - determinant)
