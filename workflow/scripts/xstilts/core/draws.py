"""Random numbers that are functions of names alone: seeds, and ranks by hash.

An example's rank depends on the seed and its id alone. So a larger limit keeps what a smaller one
took, further rows in a file do not reshuffle it, and languages whose test sets share ids (or row
numbers, where there are no ids) keep the same items.
"""

import hashlib
from collections.abc import Iterable


def derived_seed(*names: object) -> int:
    """A seed made of `names` alone, so that new rows of a study leave the draws of others alone."""
    text = "\n".join(map(str, names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def hash_rank(seed: int | str, example_id: str) -> int:
    """A number in [0, 2**64) that looks random but is a function of seed and id."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{example_id}".encode(), digest_size=8).digest())


def hash_order(seed: int | str, ids: Iterable[str]) -> list[int]:
    """Indices of `ids` by rank; equal ids stay in their order."""
    ranks = [hash_rank(seed, example_id) for example_id in ids]
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def half_of(example: str) -> int:
    """0 or 1 by hash of the id: the same in every language, task and study.

    With two halves of any set of sentences each can be judged by what is best for the other.
    """
    return hash_rank("half", example) % 2
