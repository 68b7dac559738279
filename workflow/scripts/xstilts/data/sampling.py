"""Which examples are taken: by hash of the id, so the choice is stable, nested and parallel.

An example's place in the order depends on the seed and its id alone. So a larger limit keeps what a
smaller one took, further rows in a file do not reshuffle it, and languages whose test sets share
ids (or row numbers, where there are no ids) keep the same items.
"""

from collections.abc import Iterable
from hashlib import blake2b


def place(seed: int | str, example_id: str) -> int:
    """A number in [0, 2**64) that looks random but is a function of seed and id."""
    return int.from_bytes(blake2b(f"{seed}\0{example_id}".encode(), digest_size=8).digest())


def order(seed: int | str, ids: Iterable[str]) -> list[int]:
    """Indices of `ids` by place; equal ids stay in their order."""
    places = [place(seed, one) for one in ids]
    return sorted(range(len(places)), key=places.__getitem__)


def is_held_out(example_id: str, fraction: float) -> bool:
    """Whether an example belongs to the split that is cut out. The same in every study."""
    return place("held out", example_id) < fraction * 2**64


def apportion(limit: int, sizes: list[int]) -> list[int]:
    """Share a limit over the parts of a split: in proportion to size, small parts not vanishing.

    Each part gets at least a quarter of an equal share (or all it has): of 1,000 examples of ANLI+
    proportion alone would leave 15 for the first adversarial round. Remainders go to the largest
    fractions, so the shares sum to `limit` (or to all rows, if there are fewer).
    """
    if limit >= sum(sizes):
        return list(sizes)
    floors = [min(size, limit // (4 * len(sizes))) for size in sizes]
    spare, rest = limit - sum(floors), [s - f for s, f in zip(sizes, floors, strict=True)]
    exact = [spare * one / max(sum(rest), 1) for one in rest]
    shares = [floor + int(part) for floor, part in zip(floors, exact, strict=True)]
    by_fraction = sorted(range(len(sizes)), key=lambda i: (int(exact[i]) - exact[i], i))
    for index in by_fraction[: limit - sum(shares)]:
        shares[index] += 1
    return shares
