"""From the labels in a file, integers or names, to indices into the task's label names.

An integer is nothing but a place in a list of names. Files bring lists of their own, which lack
some of a sheet's names, spell them otherwise, or stand in another order; so the name decides.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from xstilts.core.errors import StudyError
from xstilts.data.row_faults import RowError

MULTIWORD = "_"
"""What treebanks tag a multiword token with ("au", before "à" and "le"); elsewhere: no label."""

UNLABELLED = (None, -1, "", MULTIWORD, "-1")
"""How published files mark a label that was taken out (or never agreed on)."""

RARE = "RARE"
"""The label that takes the place of all that are rare in the training data."""

MANY = 50
"""Rows from which on one and the same label in all of them is no chance."""

SHOWN = 8
"""Names in a sentence, beyond which their number is enough."""


class MultiwordError(RowError):
    """The tag of a multiword token, which is no word of its own."""


@dataclass(frozen=True)
class Indexer:
    """From one label of a file to its index in `labels`.

    `names` are those that the file's integers stand for, `order` the index in `labels` of each
    (None: it is none of them), `find` goes from a name to its index; `merged` are names that none
    of `labels` stands for, and that count as one of them.
    """

    labels: Sequence[str]
    names: Sequence[str]
    order: Sequence[int | None]
    find: Callable[[str], int | None]
    merged: Collection[str] = ()

    def is_merged(self, value: object) -> bool:
        """Whether a label counts as another one than its own."""
        return self.name(value) in self.merged

    def name(self, value: object) -> object:
        """The name that a label stands for; an integer beyond the names stays one."""
        if isinstance(value, int) and 0 <= value < len(self.names):
            return self.names[value]
        return value

    def __call__(self, value: object) -> int:
        """The index of a label.

        Raises:
            MultiwordError: it is `_`.
            RowError: it is missing or unknown.
        """
        name = self.name(value)
        if name in UNLABELLED:
            wrong = MultiwordError if name == MULTIWORD else RowError
            raise wrong("no label", f"label {value!r}")
        index = self.find(name) if isinstance(name, str) else None
        if isinstance(value, int):
            if name is value:
                known = shown(self.names)
                raise RowError("label out of range", f"label {value} is no place among {known}")
            index = self.order[value]
        if index is None:
            written = f"{value!r}" if name is value else f"{value!r}, {name!r},"
            raise RowError("unknown label", f"label {written} is none of {shown(self.labels)}")
        return index


def indexer(
    labels: Sequence[str],
    file_names: Sequence[str] | None,
    respellings: Mapping[str, str] | None = None,
    where: str = "the file",
    merged: Mapping[str, str] | None = None,
) -> Indexer:
    """What turns the labels of a file into indices into `labels`.

    Text is looked up by name, and an integer by the name that the file gives it (`file_names`).
    Where the file gives none, or bare numbers (PAWS-X: "0", "1"), an integer is a place in
    `labels`. A name is one of `labels` as it stands, apart from capitals and blanks around it, or
    as `respellings` (other spelling to label) has it. Where RARE is a label, it takes all names
    that are not.

    Raises:
        StudyError: the file's names and `labels` have nothing in common; `where` names the column.
    """
    merged = merged or {}
    find = _finder(labels, {**(respellings or {}), **merged})
    if file_names is not None:
        order = [find(name) for name in file_names]
        if any(index is not None for index in order):
            return Indexer(labels, file_names, order, find, frozenset(merged))
        if list(file_names) != [str(number) for number in range(len(labels))]:
            raise StudyError(
                f"{where} names its labels {shown(file_names)}, where the sheet has "
                f"{shown(labels)}: correct the sheet's labels, or name the file's under "
                "label_respellings."
            )
    return Indexer(labels, labels, range(len(labels)), find, frozenset(merged))


def _finder(labels: Sequence[str], respellings: Mapping[str, str]) -> Callable[[str], int | None]:
    position = {label: index for index, label in enumerate(labels)}
    if RARE in position:
        return lambda name: position.get(name, position[RARE])
    alike = Counter(map(_folded, labels))
    loose = {_folded(name): position[label] for name, label in respellings.items()}
    # Two labels that differ in capitals alone are told apart by these.
    loose |= {
        _folded(label): index for label, index in position.items() if alike[_folded(label)] == 1
    }
    return lambda name: position.get(name, loose.get(_folded(name)))


def _folded(name: str) -> str:
    return name.strip().casefold()


def shown(names: Iterable[str]) -> str:
    """Names as a sentence lists them."""
    names = list(names)
    # A full list of XTREME's tags can still be compared by eye; one of CCG's 1,363 cannot.
    if len(names) <= 2 * SHOWN + 1:
        return ", ".join(names)
    return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"


def count_values(columns: Iterable[pa.ChunkedArray]) -> Counter[object]:
    """How often each label stands in a column of labels or of tags."""
    counts: Counter[object] = Counter()
    for values in columns:
        for entry in pc.value_counts(_flat(values)).to_pylist():
            counts[entry["values"]] += entry["counts"]
    return counts


def count_names(counts: Mapping[object, int], file_names: Sequence[str] | None) -> Counter[str]:
    """How often each label name occurs; integers by the file's own names."""
    named: Counter[str] = Counter()
    for value, count in counts.items():
        if isinstance(value, int) and file_names is not None and 0 <= value < len(file_names):
            value = file_names[value]
        if value not in UNLABELLED:
            named[str(value)] += count
    return named


def masked(columns: Iterable[pa.ChunkedArray], name: Callable[[object], object]) -> str | None:
    """How the labels, tags or answers of a part were taken out; None if they were not.

    They are missing, or a placeholder stands in every row: published test files have both.
    `columns` are looked at only until it is clear that neither is so; `name` is what a label in
    them stands for.
    """
    values_seen: set[object] = set()
    rows = 0
    for values in columns:
        rows += len(values)
        values_seen.update(map(name, pc.unique(_flat(values)).to_pylist()))
        if len(values_seen) > 1 and not values_seen <= set(UNLABELLED):
            return None
    if rows and values_seen <= set(UNLABELLED):
        return "not one row has a label"
    if len(values_seen) == 1 and rows >= MANY:
        return f"all {rows} rows have the same label, {next(iter(values_seen))!r},"
    return None


def _flat(values: pa.ChunkedArray) -> pa.ChunkedArray:
    is_list = isinstance(values.type, pa.ListType | pa.LargeListType)
    return pc.list_flatten(values) if is_list else values


def absent(counts: Mapping[object, int], label: Indexer) -> tuple[list[str], Counter[str]]:
    """Labels without a row (or word), and how often each name occurs that is none of them."""
    seen: set[int] = set()
    unknown: Counter[str] = Counter()
    for value, count in counts.items():
        if label.name(value) in UNLABELLED:
            continue
        try:
            seen.add(label(value))
        except RowError:
            unknown[str(label.name(value))] += count
    return [label for index, label in enumerate(label.labels) if index not in seen], unknown
