"""Which rows of the published files become the examples of one split in one language."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from xstilts.data.faults import Faults, RowError
from xstilts.data.sampling import apportion, is_held_out, order
from xstilts.data.sources import describe

CHUNK = 1000


@dataclass(frozen=True)
class Unit:
    """One split in one language.

    `share` is the fraction held out for another split; `held_out` says on which side of the cut
    this unit is (None: nothing is cut). `limit` is the most examples to take (None: all).
    """

    split: str
    language: str
    parts: tuple[dict, ...]
    limit: int | None
    share: float = 0.0
    held_out: bool | None = None

    def takes(self, example_id: str) -> bool:
        """Whether an example is on this unit's side of the cut."""
        return self.held_out is None or is_held_out(example_id, self.share) == self.held_out


@dataclass(frozen=True)
class Rows:
    """The checked fields of one part, what makes an example of a row, and the column mapping."""

    part: dict
    table: pa.Table
    normalise: Callable[[dict], object]
    mapping: dict


def units(recipe: dict) -> dict[str, list[Unit]]:
    """The units of train, dev and test of a data recipe, languages in the recipe's order.

    The limit of a test set, and of any split of a retrieval task, is per language. A split with
    files of its own is not held out.
    """
    cut = recipe.get("held_out") or {}
    if recipe["splits"].get(cut.get("split"), []):
        cut = {}
    found = {}
    for split in ("train", "dev", "test"):
        origin = cut["from"] if split == cut.get("split") else split
        side = {cut.get("split"): True, cut.get("from"): False}.get(split) if cut else None
        limit = recipe.get("limits", {}).get(split)
        by_language: dict[str, list[dict]] = {}
        for part in recipe["splits"].get(origin, []):
            by_language.setdefault(part["language"], []).append(part)
        found[split] = [
            Unit(split, language, tuple(parts), limit, cut.get("fraction", 0.0), side)
            for language, parts in by_language.items()
        ]
    return found


def choose(unit: Unit, loaded: list[Rows], seed: int, faults: Faults) -> Iterator[object]:
    """The examples of a unit, part by part, in file order.

    Without a limit rows stream through. With one, each part is visited in the order of the hashes
    until its share is full, so faults are counted among the visited rows only.
    """
    ids = [rows.table["example_id"].to_pylist() for rows in loaded]
    if len(loaded) > 1:  # row numbers repeat between parts
        ids = [
            [f"{rows.part['dataset'].rpartition('/')[2]}-{one}" for one in own]
            for rows, own in zip(loaded, ids, strict=True)
        ]
    candidates = [[i for i, one in enumerate(own) if unit.takes(one)] for own in ids]
    sizes = [len(own) for own in candidates]
    limited = unit.limit is not None and unit.limit < sum(sizes)
    quotas = apportion(unit.limit, sizes) if limited else sizes
    seen: set[str] = set()
    for rows, own, indices, quota in zip(loaded, ids, candidates, quotas, strict=True):
        if not limited:
            yield from (example for _, example in good(rows, own, indices, seen, faults))
            continue
        shuffled = [indices[i] for i in order(seed, (own[index] for index in indices))]
        taken = list(islice(good(rows, own, shuffled, seen, faults), quota))
        yield from (example for _, example in sorted(taken, key=lambda pair: pair[0]))


def good(
    rows: Rows, ids: Sequence[str], indices: Sequence[int], seen: set[str], faults: Faults
) -> Iterator[tuple[int, object]]:
    """Examples of the rows at `indices` that can be used, each with its index.

    An id in `seen` is a fault; the ids that are used are added to it.
    """
    for begin in range(0, len(indices), CHUNK):
        chunk = list(indices[begin : begin + CHUNK])
        for index, row in zip(chunk, rows.table.take(chunk).to_pylist(), strict=True):
            row["example_id"] = ids[index]
            try:
                example = rows.normalise(row)
                if ids[index] in seen:
                    raise RowError("id seen before", f"id {ids[index]}")
            except RowError as error:
                faults.add(error, f"row {row['row']} of {describe(rows.part)}", rows.mapping)
                continue
            seen.add(ids[index])
            yield index, example
