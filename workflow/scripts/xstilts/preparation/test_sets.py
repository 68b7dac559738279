"""The texts of test sets, which are read without their labels: many published ones have none."""

from collections.abc import Iterator, Mapping
from typing import Any

from xstilts.data.columns import Read
from xstilts.data.labels import MULTIWORD, MultiwordError
from xstilts.data.row_choice import Candidates, RowReader, Rows
from xstilts.data.row_faults import Faults
from xstilts.data.shared_text import KnownTexts
from xstilts.data.split_rows import Unit
from xstilts.kinds import Kind, kind_of


def texts_of(described: Mapping[str, Mapping[str, Any]], read: Read) -> KnownTexts:
    """The texts of the test sets that a recipe is to be kept apart from.

    Args:
        described: kind, columns and parts of each, by task.
        read: reads a part.

    Raises:
        StudyError: a file is missing, or lacks a column.
    """
    known = KnownTexts()
    for task, sheet in described.items():
        kind = kind_of(sheet["kind"])
        known.add(task, (kind.texts(example) for example in _examples(kind, sheet, read)))
    return known


def _examples(kind: Kind, sheet: Mapping[str, Any], read: Read) -> Iterator[Any]:
    recipe = {"columns": sheet["columns"], "sampling_seed": 0}
    for unit in _units(sheet["parts"]):
        if kind.sides is not None:
            yield from kind.examples(unit, recipe, None, read, Faults(""))
            continue
        for part in unit.parts:
            yield from _unlabelled(kind, part, part.get("columns", sheet["columns"]), read)


def _units(parts: list[dict]) -> Iterator[Unit]:
    for language in dict.fromkeys(part["language"] for part in parts):
        own = tuple(part for part in parts if part["language"] == language)
        yield Unit("test", language, own, None)


class _AnyLabel:
    """Takes every label there is, but for what marks multiword tokens, which are no words."""

    labels = range(1_000_000)

    def __call__(self, value: object) -> int:
        if value == MULTIWORD:
            raise MultiwordError("no label")
        return 0

    def is_merged(self, value: object) -> bool:
        return False


def _unlabelled(kind: Kind, part: dict, columns: dict, read: Read) -> Iterator[Any]:
    rows = Rows(part, columns, kind.shape, read, lambda row: kind.example(row, _AnyLabel()))
    every = Candidates.of(rows, lambda _: True, 0, named=False)
    reader = RowReader(Faults(""), set())
    yield from (example for _, example in reader.good(every, every.numbers))
