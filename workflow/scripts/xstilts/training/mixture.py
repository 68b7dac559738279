"""Which task gives the next batch of a multi-task run."""

import numpy as np

from xstilts.core.errors import StudyError


def probabilities(sizes: list[int], sampling: str, temperature: float, cap: int) -> np.ndarray:
    """Probability of each task, from its number of training examples.

    The four rules are those that jiant offers (`task_sampler.py`): in proportion to size, equal,
    to size ** (1 / temperature), and to size clipped at `cap`.

    Raises:
        StudyError: `sampling` is none of them.
    """
    size = np.asarray(sizes, dtype=float)
    weights = {
        "proportional": size,
        "uniform": np.ones_like(size),
        "temperature": size ** (1 / temperature),
        "capped": np.minimum(size, cap),
    }
    if sampling not in weights:
        raise StudyError(f"no sampling rule '{sampling}'; choose one of: {', '.join(weights)}.")
    return weights[sampling] / weights[sampling].sum()


def draw(probability: np.ndarray, steps: int, seed: list[int]) -> np.ndarray:
    """Task of each of `steps` steps."""
    return np.random.default_rng(seed).choice(len(probability), size=steps, p=probability)
