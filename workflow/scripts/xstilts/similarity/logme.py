"""LogME: how well features explain labels by a linear model, without fitting one by search.

You et al. (2021), LogME: practical assessment of pre-trained models for transfer learning, ICML.
"""

import numpy as np

# Evidence is flat at its maximum: this leaves an error far below any difference of interest.
MOST_STEPS, TOLERANCE = 100, 1e-4
SMALLEST, LARGEST = 1e-10, 1e10


def log_evidence(features: np.ndarray, labels: np.ndarray) -> float:
    """Log evidence per example, averaged over one 0/1 column per label that occurs.

    Scores are one column, standardised so that their unit does not matter. Each column y of n
    values is modelled as y ~ N(F w, 1/beta), w ~ N(0, 1/alpha), with the precisions alpha and beta
    that make y most probable (fixed point of their algorithm 1).

    Args:
        features: F, float [n, d].
        labels: [n] whole numbers, or scores as floating-point numbers.
    """
    left, singular, _ = np.linalg.svd(np.asarray(features, dtype=float), full_matrices=False)
    columns = _columns(labels)
    projected = (left.T @ columns).T
    outside = np.maximum((columns**2).sum(0) - (projected**2).sum(1), 0)
    problem = singular**2, projected**2, outside, len(labels)
    alpha, beta = _best_precisions(*problem)
    return float(evidence(alpha, beta, *problem).mean()) / len(labels)


def _columns(labels: np.ndarray) -> np.ndarray:
    if np.issubdtype(labels.dtype, np.floating):
        return ((labels - labels.mean()) / (labels.std() or 1.0))[:, None]
    return (labels[:, None] == np.unique(labels)).astype(float)


def _best_precisions(
    eigenvalues: np.ndarray, projected: np.ndarray, outside: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Alpha and beta [k] of k columns; arguments as in `evidence`."""
    alpha, beta = np.ones((2, len(projected)))
    for _ in range(MOST_STEPS):
        effective, weights, residual = _terms(alpha, beta, eigenvalues, projected, outside)
        before = alpha, beta
        alpha = np.clip(effective / np.maximum(weights, SMALLEST), SMALLEST, LARGEST)
        beta = np.clip((count - effective) / np.maximum(residual, SMALLEST), SMALLEST, LARGEST)
        change = np.abs(np.log(alpha / before[0])) + np.abs(np.log(beta / before[1]))
        if change.max() < TOLERANCE:
            break
    return alpha, beta


def evidence(
    alpha: np.ndarray,
    beta: np.ndarray,
    eigenvalues: np.ndarray,
    projected: np.ndarray,
    outside: np.ndarray,
    count: int,
) -> np.ndarray:
    """Log density [k] of k columns y under N(0, I / beta + F F' / alpha), F [count, d].

    `alpha`, `beta`: [k] precisions. `eigenvalues`: [r] of F'F, all others being 0. `projected`:
    [k, r] squares of the columns' coordinates along F's left singular vectors. `outside`: [k]
    squared lengths of what of the columns is orthogonal to these.
    """
    _, weights, residual = _terms(alpha, beta, eigenvalues, projected, outside)
    precision = alpha[:, None] + beta[:, None] * eigenvalues
    shrinkage = (np.log(alpha)[:, None] - np.log(precision)).sum(1)
    fit = beta * residual + alpha * weights
    return 0.5 * (shrinkage + count * np.log(beta / (2 * np.pi)) - fit)


def _terms(
    alpha: np.ndarray,
    beta: np.ndarray,
    eigenvalues: np.ndarray,
    projected: np.ndarray,
    outside: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effective number of weights, squared length of the weights, sum of squared residuals, [k]."""
    explained = beta[:, None] * eigenvalues
    precision = alpha[:, None] + explained
    effective = (explained / precision).sum(1)
    weights = (beta[:, None] * explained * projected / precision**2).sum(1)
    residual = outside + ((alpha[:, None] / precision) ** 2 * projected).sum(1)
    return effective, weights, residual
