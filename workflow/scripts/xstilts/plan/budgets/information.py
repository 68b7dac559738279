"""What a choice of rows and columns can tell of the similarity slope, before anything is trained.

With every row and column given a mean of its own, the variance of the slope is the residual
variance over the sum of squares of double-centred similarity (c-optimal design: Elfving 1952;
Pukelsheim 2006, *Optimal Design of Experiments*, chapter 2). Similarity is known from texts alone.
With n rows, that sum is the sum over pairs of rows of the squared distance between their profiles,
each less its own mean, divided by n: linear in the products of pairs.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

Similarity = Mapping[tuple[str, str], float]


def profiles(
    similarity: Similarity, rows: Sequence[str], columns: Sequence[str]
) -> dict[str, list[float]]:
    """Similarity of each row to `columns`, less the row's mean."""
    profile_of = {}
    for row in rows:
        values = [similarity[row, column] for column in columns]
        mean = sum(values) / len(values)
        profile_of[row] = [value - mean for value in values]
    return profile_of


def distances(
    similarity: Similarity, rows: Sequence[str], columns: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Squared distance between the profiles of any two rows, in the order of `rows`."""
    own = profiles(similarity, rows, columns)
    return {
        (first, second): sum((a - b) ** 2 for a, b in zip(own[first], own[second], strict=True))
        for first, second in combinations(rows, 2)
    }


def information(distance: Mapping[tuple[str, str], float], chosen: Collection[str]) -> float:
    """Sum of squares of the double-centred similarity of the `chosen` rows."""
    if len(chosen) < 2:
        return 0.0
    pairs = combinations(chosen, 2)
    known = (distance.get(pair) or distance.get((pair[1], pair[0]), 0.0) for pair in pairs)
    return sum(known) / len(chosen)
