"""Going through the rows of a part, in file order or in the order of sampling, a batch at a time.

What stays in memory is 16 bytes a row, so that a part may have millions of them.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa

from xstilts.core.draws import hash_rank
from xstilts.data.columns import Read, stream
from xstilts.data.row_faults import Faults, RowError
from xstilts.data.row_kind import Shape
from xstilts.data.sources import describe

IDS = Shape()
Example = TypeVar("Example")


@dataclass(frozen=True)
class Rows(Generic[Example]):
    """The rows of one part, read a batch at a time, and what makes an example of one.

    `mapping` and `shape` are those of `columns.fields`.
    """

    part: dict
    mapping: dict
    shape: Shape
    read: Read
    normalise: Callable[[dict], Example]

    def batches(self, shape: Shape | None = None) -> Iterator[pa.Table]:
        """The checked fields, in file order; from the beginning at each call."""
        return stream(self.part, self.mapping, shape or self.shape, self.read)


@dataclass(frozen=True)
class Candidates(Generic[Example]):
    """The rows of a part among which examples are chosen.

    `numbers`, int64: which of the part's rows these are, ascending; `ranks`, uint64: their ranks
    in the order of sampling; `prefix` is what stands before their ids.
    """

    rows: Rows[Example]
    prefix: str
    numbers: np.ndarray
    ranks: np.ndarray

    @classmethod
    def of(
        cls, rows: Rows[Example], takes: Callable[[str], bool], seed: int, *, named: bool
    ) -> "Candidates[Example]":
        """The rows whose ids `takes` accepts; `named`: ids begin with the name of the data set."""
        prefix = f"{rows.part['dataset'].rpartition('/')[2]}-" if named else ""
        numbers, ranks, count = array("q"), array("Q"), 0
        for table in rows.batches(IDS):
            for number, identifier in enumerate(table["example_id"].to_pylist(), count):
                if takes(prefix + identifier):
                    numbers.append(number)
                    ranks.append(hash_rank(seed, prefix + identifier))
            count += table.num_rows
        return cls(rows, prefix, np.array(numbers, np.int64), np.array(ranks, np.uint64))


def duplicate_ids(heaps: Sequence[Candidates]) -> set[str]:
    """Ids that occur more than once, found by their ranks, which take less memory."""
    ranks, counts = np.unique(np.concatenate([heap.ranks for heap in heaps]), return_counts=True)
    several = ranks[counts > 1]
    if not len(several):
        return set()
    wanted = [heap.numbers[np.isin(heap.ranks, several)] for heap in heaps]
    return {
        heap.prefix + row["example_id"]
        for heap, own in zip(heaps, wanted, strict=True)
        for _, row in _rows(heap.rows.batches(IDS), own)
    }


@dataclass
class RowReader:
    """A walk through rows: faults are counted, and an id is good once.

    `repeated` are the ids that occur more than once; `seen` those of them that were used.
    """

    faults: Faults
    repeated: set[str]
    seen: set[str] = field(default_factory=set)

    def fill(self, heap: Candidates, quota: int) -> np.ndarray:
        """The first `quota` good rows in the order of sampling, ascending."""
        order = heap.numbers[np.argsort(heap.ranks, kind="stable")]
        kept: list[int] = []
        visited = 0
        while len(kept) < quota and visited < len(order):
            # Never more than are needed: a row beyond the last good one is not visited.
            more = order[visited : visited + quota - len(kept)]
            kept += [number for number, _ in self.good(heap, np.sort(more))]
            visited += len(more)
        return np.sort(np.array(kept, np.int64))

    def good(self, heap: Candidates[Example], wanted: np.ndarray) -> Iterator[tuple[int, Example]]:
        """Examples of the rows `wanted`, ascending, that can be used, each with its row."""
        rows = heap.rows
        for number, row in _rows(rows.batches(), wanted):
            identifier = row["example_id"] = heap.prefix + row["example_id"]
            try:
                if fault := row.get("fault"):
                    raise RowError(**fault)
                example = rows.normalise(row)
                if identifier in self.seen:
                    raise RowError("id seen before", f"id {identifier}")
            except RowError as error:
                self.faults.add(error, f"row {row['row']} of {describe(rows.part)}", rows.mapping)
                continue
            if identifier in self.repeated:
                self.seen.add(identifier)
            self.faults.kept += 1
            yield number, example


def _rows(batches: Iterator[pa.Table], wanted: np.ndarray) -> Iterator[tuple[int, dict]]:
    """The rows at places `wanted`, ascending, each with its place."""
    begin = 0
    for table in batches:
        end = begin + table.num_rows
        first, beyond = np.searchsorted(wanted, (begin, end))
        here = wanted[first:beyond]
        if len(here) < table.num_rows:
            table = table.take(here - begin)
        yield from zip(here.tolist(), table.to_pylist(), strict=True)
        begin = end
        if beyond == len(wanted):
            return
