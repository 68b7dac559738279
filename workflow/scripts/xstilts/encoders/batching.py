"""Batches of similar length under a token budget, so that little of a batch is padding."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# Shuffling happens across the whole epoch, sorting only within so many batches, so that an
# example meets other neighbours in each epoch.
BATCHES_SORTED_TOGETHER = 32

UNTRAINED_EXAMPLES, UNTRAINED_TOKENS = 256, 8192


@dataclass(frozen=True)
class Units:
    """What one training step cannot divide: a sequence, or all choices of a question.

    Attributes:
        first: [units] first sequence of each unit.
        count: [units] sequences of each unit.
        length: [units] tokens of the unit's longest sequence.
    """

    first: np.ndarray
    count: np.ndarray
    length: np.ndarray

    def sequences(self, units: np.ndarray) -> np.ndarray:
        """All sequences of `units`, in order."""
        spans = [np.arange(self.first[u], self.first[u] + self.count[u]) for u in units]
        return np.concatenate(spans)

    def only(self, chosen: np.ndarray) -> "Units":
        """Those of `chosen` numbers, in that order."""
        return Units(self.first[chosen], self.count[chosen], self.length[chosen])


def fill(
    order: np.ndarray, units: Units, most_examples: int, most_tokens: int | None
) -> list[np.ndarray]:
    """Cut `order` into batches of at most so many units and so many tokens, padding included.

    A unit that alone exceeds the token budget is a batch by itself.
    """
    batches: list[list[int]] = []
    longest = sequences = 0
    for unit in order:
        length = max(longest, int(units.length[unit]))
        tokens = length * (sequences + int(units.count[unit]))
        full = bool(batches) and (
            len(batches[-1]) >= most_examples or (most_tokens is not None and tokens > most_tokens)
        )
        if full or not batches:
            batches.append([])
            longest = sequences = 0
        batches[-1].append(int(unit))
        longest = max(longest, int(units.length[unit]))
        sequences += int(units.count[unit])
    return [np.array(batch) for batch in batches]


def epoch(
    units: Units, seed: list[int], most_examples: int, most_tokens: int | None
) -> list[np.ndarray]:
    """One pass over all units: batches in random order, each of similar lengths.

    Args:
        units: the units of the training set.
        seed: entropy of this pass; the same numbers give the same batches.
        most_examples: units in a batch at most.
        most_tokens: tokens in a batch at most, padding included; None for no such limit.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(units.first))
    together = most_examples * BATCHES_SORTED_TOGETHER
    batches: list[np.ndarray] = []
    for start in range(0, len(order), together):
        chunk = order[start : start + together]
        chunk = chunk[np.argsort(units.length[chunk], kind="stable")]
        batches += fill(chunk, units, most_examples, most_tokens)
    return [batches[index] for index in random.permutation(len(batches))]


def passes(
    units: Units, seed: list[int], most_examples: int, most_tokens: int | None
) -> Iterator[np.ndarray]:
    """Batches of one epoch after the other, without end."""
    number = 0
    while True:
        yield from epoch(units, [*seed, number], most_examples, most_tokens)
        number += 1


def in_order(units: Units) -> list[np.ndarray]:
    """Batches of all units by length, for passes without gradients, which leave room for more."""
    order = np.argsort(units.length, kind="stable")
    return fill(order, units, UNTRAINED_EXAMPLES, UNTRAINED_TOKENS)
