"""From the labels in a file, integers or names, to indices into the task's label names."""

from collections import Counter
from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.compute as pc

from xstilts.data.row_faults import RowError

UNLABELLED = (None, -1, "", "_", "-1")
"""How published files mark a label that was taken out (or never agreed on)."""

RARE = "RARE"
"""The label that takes the place of all that are rare in the training data."""

MANY = 50
"""Rows from which on one and the same label in all of them is no chance."""


def indexer(labels: list[str], file_names: list[str] | None) -> Callable[[object], int]:
    """A function from one label of a file to its index in `labels`.

    Text is looked up by name. An integer is an index: into the names that the file gives for
    itself, if all labels are among these, in whatever order, else into `labels`. Where RARE is a
    label, it takes all names that are not.

    The function raises RowError for a missing or unknown label.
    """
    position = {label: index for index, label in enumerate(labels)}
    rare = position.get(RARE)
    order: list[int | None] = list(range(len(labels)))
    if file_names is not None and set(labels) - {RARE} <= set(file_names):
        order = [position.get(name, rare) for name in file_names]

    def index(value: object) -> int:
        if value in UNLABELLED:
            raise RowError("no label", f"label {value!r}")
        found = None
        if isinstance(value, int) and 0 <= value < len(order):
            found = order[value]
        elif isinstance(value, str):
            found = position.get(value, rare)
        if found is not None:
            return found
        raise RowError(
            "label out of range", f"label {value!r} where 0 to {len(order) - 1} are known"
        )

    return index


def count_names(tags: pa.ChunkedArray, file_names: list[str] | None) -> Counter[str]:
    """How often each label name occurs in a column of tags; integers by the file's own names."""
    counts: Counter[str] = Counter()
    for entry in pc.value_counts(pc.list_flatten(tags).combine_chunks()).to_pylist():
        value = entry["values"]
        if value in UNLABELLED:
            continue
        if isinstance(value, int) and file_names is not None:
            value = file_names[value] if value < len(file_names) else value
        counts[str(value)] += entry["counts"]
    return counts


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
