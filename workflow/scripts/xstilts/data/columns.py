"""From the columns of a published file to the fields of a kind of task, types checked."""

import json
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xstilts.core.errors import StudyError, nearest
from xstilts.data.sources import describe


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_name(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or _is_text(kind)


def _list_of(inner: Callable[[pa.DataType], bool]) -> Callable[[pa.DataType], bool]:
    def check(kind: pa.DataType) -> bool:
        lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
        return any(is_list(kind) for is_list in lists) and inner(kind.value_type)

    return check


_TEXT = (_is_text, "text")
_NAME = (_is_name, "integers or text")
_TEXTS = (_list_of(_is_text), "a list of texts")
_NAMES = (_list_of(_is_name), "a list of integers or texts")
_INTEGERS = (_list_of(pa.types.is_integer), "a list of integers")

TYPES = {
    "id": _NAME, "source_id": _NAME, "target_id": _NAME,
    "first": _TEXT, "second": _TEXT, "context": _TEXT, "question": _TEXT,
    "sentence": _TEXT, "source": _TEXT, "target": _TEXT,
    "label": _NAME, "tags": _NAMES, "endings": _TEXTS, "tokens": _TEXTS,
    "answers": _TEXTS, "answer_start": _INTEGERS,
}  # fmt: skip

REQUIRED = {
    "pair_classification": ("first", "second", "label"),
    "multiple_choice": ("endings", "label"),
    "tagging": ("tokens", "tags"),
    "span_qa": ("question", "context", "answers", "answer_start"),
    "pairs": ("source", "target"),
    "sentences": ("id", "sentence"),
    "gold": ("source_id", "target_id"),
    "ids": (),
}
OPTIONAL = {"multiple_choice": ("context", "question")}


Read = Callable[[dict, Iterable[str]], Iterator[pa.Table]]
"""Reads these columns of a part, some rows at a time."""


def stream(part: dict, mapping: dict, shape: str, read: Read) -> Iterator[pa.Table]:
    """`fields` of a part, some rows at a time, in file order; only what it needs is read."""
    names = ["id", *REQUIRED[shape], *OPTIONAL.get(shape, ())]
    mapped = [mapping[name] for name in names if name in mapping]
    paths = [path for one in mapped for path in (one if isinstance(one, list) else [one])]
    rows = 0
    for table in read(part, paths):
        yield fields(table, mapping, shape, part, rows)
        rows += table.num_rows


def fields(
    table: pa.Table, mapping: dict, shape: str, part: dict, rows_before: int = 0
) -> pa.Table:
    """The fields that a shape of row needs, under our names, and `row` and `example_id`.

    `shape` is a kind of task, for retrieval one of pairs, sentences, gold, or just ids. The example
    id is the mapped id column as text; without one (or where it is null) `<split>-<row>`. With
    `id_prefix` in the part, only rows whose id begins with it stay; `row` is the row number in the
    part, of which `rows_before` rows stand before this table.

    Raises:
        StudyError: a column is not mapped, missing, or of a wrong type.
    """
    wanted = [*REQUIRED[shape], *(name for name in OPTIONAL.get(shape, ()) if name in mapping)]
    columns = {name: _column(table, mapping, name, part) for name in wanted}
    row = pa.array(np.arange(rows_before, rows_before + table.num_rows))
    identifier = pc.binary_join_element_wise(part["split"], row.cast(pa.string()), "-")
    if "id" in mapping:
        named = _column(table, mapping, "id", part).cast(pa.string())
        identifier = pc.coalesce(named, identifier)
    result = pa.table({"row": row, "example_id": identifier} | columns)
    if "id_prefix" in part:
        result = result.filter(pc.starts_with(result["example_id"], part["id_prefix"]))
    return result


def class_names(table: pa.Table, path: str) -> list[str] | None:
    """The label names that the file gives for a column (as `datasets` writes them), if any."""
    metadata = (table.schema.metadata or {}).get(b"huggingface")
    if metadata is None:
        return None
    try:
        feature = json.loads(metadata)["info"]["features"][path.partition(".")[0]]
    except (ValueError, KeyError, TypeError):
        return None
    inner = feature.get("feature", feature) if isinstance(feature, dict) else {}
    return inner.get("names") if isinstance(inner, dict) else None


def _column(table: pa.Table, mapping: dict, name: str, part: dict) -> pa.ChunkedArray:
    path = mapping.get(name)
    if path is None:
        raise StudyError(
            f"The task sheet maps no column to '{name}' for {describe(part)}: "
            f"add it under columns, {nearest(name, table.column_names)}"
        )
    is_right, needed = TYPES[name]
    if isinstance(path, list):  # several columns make one list per row
        parts = [_checked(_follow(table, one, part), one, _TEXT, part).to_pylist() for one in path]
        rows = [list(row) for row in zip(*parts, strict=True)]
        return pa.chunked_array([pa.array(rows, pa.list_(pa.string()))])
    return _checked(_follow(table, path, part), path, (is_right, needed), part)


def _follow(table: pa.Table, path: str, part: dict) -> pa.ChunkedArray:
    column, *inner = path.split(".")
    if path in table.column_names:
        column, inner = path, []
    if column not in table.column_names:
        raise StudyError(
            f"{describe(part)} has no column '{column}': {nearest(column, table.column_names)}"
        )
    values = table[column]
    for name in inner:
        names = [field.name for field in values.type] if pa.types.is_struct(values.type) else []
        if name not in names:
            raise StudyError(
                f"Column '{column}' of {describe(part)} has no field '{name}' "
                f"but is {values.type}: correct the sheet's columns."
            )
        values = pc.struct_field(values, name)
    return values


def _checked(values: pa.ChunkedArray, path: str, expected: tuple, part: dict) -> pa.ChunkedArray:
    is_right, needed = expected
    if not is_right(values.type):
        raise StudyError(
            f"Column '{path}' of {describe(part)} holds {values.type} where {needed} is needed: "
            "correct the file or the sheet's columns."
        )
    is_categories = pa.types.is_dictionary(values.type)
    return values.cast(values.type.value_type) if is_categories else values
