"""A map of tasks: places in the plane whose distances are those of the tasks' text embeddings."""

from pathlib import Path

import numpy as np

from xstilts.core.tsv import write_tsv
from xstilts.similarity.comparison import Comparison
from xstilts.similarity.measures.methods.mean_cosine import MeanCosine

COLUMNS = ("task", "role", "x", "y")


def write_map(comparison: Comparison, path: Path) -> None:
    """Write task, role, x and y of every task that has text embeddings."""
    placed = {
        name: (role, sample)
        for role in ("intermediate", "target")
        for name, task in comparison.plan[f"{role}s"].items()
        if (sample := comparison.samples.of(task["text"], "text")) is not None
    }
    means = [MeanCosine().summarise(sample)[0] for _, sample in placed.values()]
    points = classical_scaling(unit_distances(np.array(means).reshape(len(placed), -1)))
    rows = [
        {"task": name, "role": role, "x": x, "y": y}
        for (name, (role, _)), (x, y) in zip(placed.items(), points, strict=True)
    ]
    # Six decimals, so that two machines agree.
    write_tsv(path, COLUMNS, rows, numbers=".6f")


def classical_scaling(distances: np.ndarray) -> np.ndarray:
    """Coordinates [n, 2] by classical multidimensional scaling (Torgerson 1952, Gower 1966).

    The two axes with the most variance come first; their signs are fixed so that the same
    distances always give the same map: the coordinate of largest size is positive.

    Args:
        distances: symmetric [n, n], zero on the diagonal.
    """
    count = len(distances)
    centring = np.eye(count) - 1 / max(count, 1)
    products = -0.5 * centring @ (np.asarray(distances, dtype=float) ** 2) @ centring
    values, vectors = np.linalg.eigh(products)
    first = np.argsort(values)[::-1][:2]
    points = np.zeros((count, 2))
    points[:, : len(first)] = vectors[:, first] * np.sqrt(np.maximum(values[first], 0))
    for axis in points.T:
        largest = axis[np.argmax(np.abs(axis).round(12))] if count else 0
        axis *= -1 if largest < 0 else 1
    return points


def unit_distances(vectors: np.ndarray) -> np.ndarray:
    """Distances [n, n] between the ends of unit vectors: sqrt(2 - 2 cos)."""
    return np.sqrt(np.maximum(2 - 2 * vectors @ vectors.T, 0)) * (1 - np.eye(len(vectors)))
