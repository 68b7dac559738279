"""Which rows of the published files become the examples of one split in one language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xstilts.core.draws import hash_rank
from xstilts.data.row_choice import Candidates, Example, RowReader, Rows, duplicate_ids
from xstilts.data.row_faults import Faults
from xstilts.data.split_sizes import apportion, is_held_out

CHUNK = 1000


@dataclass(frozen=True)
class Unit:
    """One split in one language.

    `share` is the fraction held out for another split; `held_out` says on which side of the cut
    this unit is (None: nothing is cut). `limit` is the most examples to take (None: all). `turn`
    is the unit's number among languages that share the examples, and how many these are.
    """

    split: str
    language: str
    parts: tuple[dict, ...]
    limit: int | None
    share: float = 0.0
    held_out: bool | None = None
    turn: tuple[int, int] | None = None

    def takes(self, example_id: str) -> bool:
        """Whether an example is on this unit's side of the cut, and its own."""
        if self.turn and hash_rank("turn", example_id) % self.turn[1] != self.turn[0]:
            return False
        return self.held_out is None or is_held_out(example_id, self.share) == self.held_out


def units(recipe: dict) -> dict[str, list[Unit]]:
    """The units of train, dev and test of a data recipe, languages in the recipe's order.

    The limit of a test set, and of any split of a retrieval task, is per language. A split with
    files of its own is not held out. Where the languages of train are `shared`, each example is
    taken in one of them only, so that translations are as many as what was translated.
    """
    cut = recipe.get("held_out") or {}
    if recipe["splits"].get(cut.get("split"), []):
        cut = {}
    units_of = {}
    for split in ("train", "dev", "test"):
        origin = cut["from"] if split == cut.get("split") else split
        side = {cut.get("split"): True, cut.get("from"): False}.get(split) if cut else None
        limit = recipe.get("limits", {}).get(split)
        by_language: dict[str, list[dict]] = {}
        for part in recipe["splits"].get(origin, []):
            by_language.setdefault(part["language"], []).append(part)
        count = len(by_language) if split == "train" and recipe.get("shared") else 0
        units_of[split] = [
            Unit(
                split, language, tuple(parts), limit, cut.get("fraction", 0.0), side,
                (number, count) if count else None,
            )
            for number, (language, parts) in enumerate(by_language.items())
        ]  # fmt: skip
    return units_of


def choose(
    unit: Unit, loaded: Sequence[Rows[Example]], seed: int, faults: Faults
) -> Iterator[Example]:
    """The examples of a unit, part by part, in file order; few rows are in memory at a time.

    Without a limit rows stream through. With one, each part is visited in the order of the hashes
    until its share is full, so faults are counted among the visited rows only.
    """
    # Row numbers repeat between parts.
    heaps = [Candidates.of(rows, unit.takes, seed, named=len(loaded) > 1) for rows in loaded]
    sizes = [len(heap.numbers) for heap in heaps]
    limited = unit.limit is not None and unit.limit < sum(sizes)
    quotas = apportion(unit.limit, sizes) if limited and unit.limit is not None else sizes
    visit = RowReader(faults, duplicate_ids(heaps))
    for heap, quota in zip(heaps, quotas, strict=True):
        if not limited:
            yield from (example for _, example in visit.good(heap, heap.numbers))
            continue
        kept = visit.fill(heap, quota)
        # Read a second time, as a large share of a large part would fill the memory.
        yield from (example for _, example in RowReader(Faults(""), set()).good(heap, kept))


def faults_of_all(unit: Unit, loaded: Sequence[Rows], seed: int, where: str) -> Faults:
    """The faults of all rows of a unit, also of those that its limit leaves aside."""
    heaps = [Candidates.of(rows, unit.takes, seed, named=len(loaded) > 1) for rows in loaded]
    faults = Faults(where)
    visit = RowReader(faults, duplicate_ids(heaps))
    for heap in heaps:
        for _ in visit.good(heap, heap.numbers):
            pass
    return faults
