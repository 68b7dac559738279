"""Random halves of a sample: intervals and reliability from the same draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xstilts.core.draws import hash_rank

# Below this a half has but one example, and no measure of spread is defined.
FEWEST = 4


@dataclass(frozen=True)
class Sample:
    """Observations of one task.

    Attributes:
        points: n observations: an array [n, ...] or a list.
        masks: bool [1 + 2 S, n]: row 0 takes all, rows 1 to S a random half each, and the S rows
            after them the other halves.
    """

    points: Any
    masks: np.ndarray


def halvings(count: int, splits: int, seed: int, name: str) -> np.ndarray:
    """Masks of a `Sample` of `count` observations; `name` gives each task draws of its own."""
    random = np.random.default_rng([seed, hash_rank(seed, name)])
    halves = np.zeros((splits, count), dtype=bool)
    for half in halves:
        half[random.permutation(count)[: count // 2]] = True
    return np.concatenate([np.ones((1, count), dtype=bool), halves, ~halves])


def interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval around `values[0]`, from `values[1:]`, the same statistic on random halves.

    Half samples drawn without replacement vary about the whole sample's value as the whole
    sample's varies about the truth (delete-d jackknife with d = n / 2: Shao and Wu 1989, Annals
    of Statistics 17). A shift that all halves share is a matter of their size, and taken out.
    """
    deviations = values[1:] - values[1:].mean()
    low, high = np.quantile(deviations, [0.025, 0.975])
    return float(values[0] + min(low, 0.0)), float(values[0] + max(high, 0.0))


def reliability(values: np.ndarray, one: list[str], other: list[str]) -> float | None:
    """Split-half reliability of a measure over pairs of tasks, 0 to 1.

    Of what is left when each task's own mean is taken out, since that is all that can explain why
    one intermediate task suits a target better than another does: a measure that only told easy
    targets from hard ones would else seem reliable.

    Args:
        values: [pairs, 1 + 2 S], columns as the rows of `Sample.masks`.
        one: [pairs] intermediate task of each pair.
        other: [pairs] target task of each pair.

    Returns:
        Mean correlation over the S splits, raised to the full length by Spearman and Brown's
        formula (Brown 1910, Spearman 1910); None where the tasks' means leave nothing.
    """
    splits = (values.shape[1] - 1) // 2
    means = np.concatenate([_indicators(one), _indicators(other)], axis=1)
    left = values - means @ np.linalg.lstsq(means, values, rcond=None)[0]
    first, second = left[:, 1 : 1 + splits], left[:, 1 + splits :]
    scale = np.sqrt((first**2).sum(0) * (second**2).sum(0))
    varied = scale > 1e-20 * max(1.0, float((values**2).sum()))
    if not varied.any():
        return None
    half = float(np.mean((first * second).sum(0)[varied] / scale[varied]))
    return 0.0 if half <= 0 else min(1.0, 2 * half / (1 + half))


def _indicators(names: list[str]) -> np.ndarray:
    return (np.array(names)[:, None] == np.unique(names)).astype(float)
