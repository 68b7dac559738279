"""BUCC: two monolingual piles of sentences in which some have a translation in the other."""

import random
from typing import NamedTuple

from generated_text.tagging import Sentence, sentences

# Sentences without a translation, per gold pair and side.
DISTRACTORS = 2


class Mining(NamedTuple):
    """Sentences of each side by number, and the pairs of numbers that translate each other."""

    source: list[Sentence]
    target: list[Sentence]
    gold: list[tuple[int, int]]


def mining(*, seed: str, count: int) -> Mining:
    """`count` gold pairs among three times as many sentences on either side, mixed."""
    side = count * DISTRACTORS
    drawn = sentences("bucc", seed=seed, part="test", count=count + 2 * side)
    translated, rest = drawn[:count], drawn[count:]
    source, target = translated + rest[:side], translated + rest[side:]
    order = random.Random(f"{seed}/order")
    orders = [list(range(count + side)), list(range(count + side))]
    for numbers in orders:
        order.shuffle(numbers)
    gold = sorted((orders[0].index(number), orders[1].index(number)) for number in range(count))
    return Mining([source[i] for i in orders[0]], [target[i] for i in orders[1]], gold)
