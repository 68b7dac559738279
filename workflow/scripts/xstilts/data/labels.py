"""From the labels in a file, integers or names, to indices into the task's label names."""

from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from xstilts.data.faults import RowError

UNLABELLED = (None, -1, "", "_", "-1")
"""How published files mark a label that was taken out (or never agreed on)."""

MANY = 50
"""Rows from which on one and the same label in all of them is no chance."""


def indexer(labels: list[str], file_names: list[str] | None) -> Callable[[object], int]:
    """A function from one label of a file to its index in `labels`.

    Text is looked up by name. An integer is an index: into the names that the file gives for
    itself, if these are the same labels in whatever order, else into `labels`.

    The function raises RowError for a missing or unknown label.
    """
    position = {label: index for index, label in enumerate(labels)}
    same = file_names is not None and sorted(file_names) == sorted(labels)
    order = [position[name] for name in file_names] if same else list(range(len(labels)))

    def index(value: object) -> int:
        if value in UNLABELLED:
            raise RowError("no label", f"label {value!r}")
        if isinstance(value, int) and 0 <= value < len(order):
            return order[value]
        if isinstance(value, str) and value in position:
            return position[value]
        raise RowError(
            "label out of range", f"label {value!r} where 0 to {len(order) - 1} are known"
        )

    return index


def names_in(tags: pa.ChunkedArray, file_names: list[str] | None) -> list[str]:
    """The label names that occur in a column of tags, sorted; integers by the file's own names."""
    found = [value for value in pc.unique(pc.list_flatten(tags)).to_pylist() if value is not None]
    if file_names is None:
        return sorted(str(value) for value in found)
    return sorted(value if isinstance(value, str) else file_names[value] for value in found)


def masked(columns: Iterable[pa.ChunkedArray]) -> str | None:
    """How the labels, tags or answers of a part were taken out; None if they were not.

    They are missing, or a placeholder stands in every row: published test files have both.
    `columns` are looked at only until it is clear that neither is so.
    """
    found: set[object] = set()
    rows = 0
    for values in columns:
        rows += len(values)
        is_list = isinstance(values.type, pa.ListType | pa.LargeListType)
        found.update(pc.unique(pc.list_flatten(values) if is_list else values).to_pylist())
        if len(found) > 1 and not found <= set(UNLABELLED):
            return None
    if rows and found <= set(UNLABELLED):
        return "not one row has a label"
    if len(found) == 1 and rows >= MANY:
        return f"all {rows} rows have the same label, {next(iter(found))!r},"
    return None
