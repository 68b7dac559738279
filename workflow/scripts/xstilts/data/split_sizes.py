"""How many examples are taken of each part, and which are held out: stable over studies."""

from xstilts.core.draws import hash_rank


def is_held_out(example_id: str, fraction: float) -> bool:
    """Whether an example belongs to the split that is cut out. The same in every study."""
    return hash_rank("held out", example_id) < fraction * 2**64


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
    exact = [spare * room / max(sum(rest), 1) for room in rest]
    shares = [floor + int(part) for floor, part in zip(floors, exact, strict=True)]
    by_fraction = sorted(range(len(sizes)), key=lambda i: (int(exact[i]) - exact[i], i))
    for index in by_fraction[: limit - sum(shares)]:
        shares[index] += 1
    return shares
