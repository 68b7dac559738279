"""From the columns of a published file to the fields of a kind of task, types checked."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xstilts.core.column_forms import FORMS, Column, form_of, paths
from xstilts.core.errors import StudyError, nearest
from xstilts.data.made_columns import FAULT, MAKERS, make
from xstilts.data.row_kind import Shape
from xstilts.data.sources import describe


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_name(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_boolean(kind) or _is_text(kind)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)


def _list_of(inner: Callable[[pa.DataType], bool]) -> Callable[[pa.DataType], bool]:
    def check(kind: pa.DataType) -> bool:
        lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
        return any(is_list(kind) for is_list in lists) and inner(kind.value_type)

    return check


_TEXT = (_is_text, "text")
_NAME = (_is_name, "integers, truth values or text")
_NUMBER = (_is_number, "numbers")
_TEXTS = (_list_of(_is_text), "a list of texts")
_NAMES = (_list_of(_is_name), "a list of integers or texts")
_INTEGER = (pa.types.is_integer, "integers")
_INTEGERS = (_list_of(pa.types.is_integer), "a list of integers")

TYPES = {
    "text": _TEXT,
    "name": _NAME,
    "number": _NUMBER,
    "texts": _TEXTS,
    "names": _NAMES,
    "integer": _INTEGER,
    "integers": _INTEGERS,
}
"""What a column may hold, by the word for it in a `row_kind.Shape`."""


Read = Callable[[dict, Iterable[str]], Iterator[pa.Table]]
"""Reads these columns of a part, some rows at a time."""


def stream(part: dict, mapping: dict, shape: Shape, read: Read) -> Iterator[pa.Table]:
    """`fields` of a part, some rows at a time, in file order; only what it needs is read."""
    names = ["id", *shape.required, *shape.optional]
    needed = [path for name in names if name in mapping for path in paths(mapping[name])]
    rows = 0
    for table in read(part, needed):
        yield fields(table, mapping, shape, part, rows)
        rows += table.num_rows


def fields(
    table: pa.Table, mapping: dict, shape: Shape, part: dict, rows_before: int = 0
) -> pa.Table:
    """The fields that a shape of row needs, under our names, and `row` and `example_id`.

    The example id is the mapped id column as text; without one (or where it is null)
    `<split>-<row>`. With `id_prefix` in the part, only rows whose id begins with it stay; `row` is
    the row number in the part, of which `rows_before` rows stand before this table. Where fields
    are made of several columns, `fault` says of a row why one could not be (`made_columns.FAULT`).

    Raises:
        StudyError: a column is not mapped, missing, or of a wrong type.
    """
    wanted = [*shape.required, *(name for name in shape.optional if name in mapping)]
    columns: dict[str, pa.ChunkedArray] = {}
    for name in wanted:
        columns |= _column(table, mapping, name, shape, part, columns.get("fault"))
    row = pa.array(np.arange(rows_before, rows_before + table.num_rows))
    identifier = pc.binary_join_element_wise(part["split"], row.cast(pa.string()), "-")
    if "id" in mapping:
        named = _column(table, mapping, "id", shape, part)["id"].cast(pa.string())
        identifier = pc.coalesce(named, identifier)
    result = pa.table({"row": row, "example_id": identifier} | columns)
    if "id_prefix" in part:
        result = result.filter(pc.starts_with(result["example_id"], part["id_prefix"]))
    return result


def class_names(table: pa.Table, column: Column) -> list[str] | None:
    """The label names that the file gives for a column (as `datasets` writes them), if any.

    A list is a `Sequence` or a `List` with its `feature`, as versions of `datasets` have it, or
    one in brackets.
    """
    metadata = (table.schema.metadata or {}).get(b"huggingface")
    if metadata is None or not isinstance(column, str):
        return None
    try:
        feature = json.loads(metadata)["info"]["features"]
        for name in column.split("."):
            feature = _inner(feature)[name]
        return _inner(feature).get("names")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _inner(feature: Any) -> Any:
    """What a feature holds once the lists around it are taken away."""
    while isinstance(feature, list) or ("_type" in feature and "feature" in feature):
        feature = feature[0] if isinstance(feature, list) else feature["feature"]
    return feature


def _column(
    table: pa.Table,
    mapping: dict,
    name: str,
    shape: Shape,
    part: dict,
    faults: pa.ChunkedArray | None = None,
) -> dict[str, pa.ChunkedArray]:
    """The field `name`, and `fault` where that or one before it is made of columns."""
    column = mapping.get(name)
    if column is None:
        raise StudyError(
            f"The task sheet maps no column to '{name}' for {describe(part)}: "
            f"add it under columns, {nearest(name, table.column_names)}"
        )
    if isinstance(column, dict):
        return _made(table, column, name, part, faults)
    return {name: _read(table, column, TYPES[shape.type_of(name)], part)}


def _read(table: pa.Table, column: str | list[str], expected: tuple, part: dict) -> pa.ChunkedArray:
    if isinstance(column, list):  # several columns make one list per row
        parts = [_checked(_follow(table, path, part), path, _TEXT, part) for path in column]
        rows = [list(row) for row in zip(*(values.to_pylist() for values in parts), strict=True)]
        return pa.chunked_array([pa.array(rows, pa.list_(pa.string()))])
    return _checked(_follow(table, column, part), column, expected, part)


def _made(
    table: pa.Table, column: dict, name: str, part: dict, faults: pa.ChunkedArray | None
) -> dict[str, pa.ChunkedArray]:
    """A field made of columns; of a row with several faults the first is kept."""
    keys, _ = FORMS[form_of(column)]
    kinds = MAKERS[form_of(column)][1]
    values = [
        _read(table, column[key], TYPES[kind], part).to_pylist()
        for key, kind in zip(keys, kinds, strict=True)
    ]
    made, own = make(column, name, values)
    if faults is not None:
        own = [old or new for old, new in zip(faults.to_pylist(), own, strict=True)]
    return {name: pa.chunked_array([made]), "fault": pa.chunked_array([pa.array(own, FAULT)])}


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
        if _list_of(pa.types.is_struct)(values.type):
            values = _each(values, name, (column, part))
            continue
        names = [field.name for field in values.type] if pa.types.is_struct(values.type) else []
        if name not in names:
            raise StudyError(
                f"Column '{column}' of {describe(part)} has no field '{name}' "
                f"but is {values.type}: correct the sheet's columns."
            )
        values = pc.struct_field(values, name)
    return values


def _each(values: pa.ChunkedArray, name: str, where: tuple[str, dict]) -> pa.ChunkedArray:
    """A field of each struct of a list, as a list (SQuAD's answers as its own JSON has them)."""
    inner = values.type.value_type
    if name not in [field.name for field in inner]:
        column, part = where
        raise StudyError(
            f"Column '{column}' of {describe(part)} has no field '{name}' but is {values.type}: "
            "correct the sheet's columns."
        )
    rows = [row and [struct and struct[name] for struct in row] for row in values.to_pylist()]
    return pa.chunked_array([pa.array(rows, pa.list_(inner.field(name).type))])


def _checked(values: pa.ChunkedArray, path: str, expected: tuple, part: dict) -> pa.ChunkedArray:
    is_right, needed = expected
    if not is_right(values.type):
        raise StudyError(
            f"Column '{path}' of {describe(part)} holds {values.type} where {needed} is needed: "
            "correct the file or the sheet's columns."
        )
    if pa.types.is_boolean(values.type):  # "true" and "false", which a sheet names its labels
        return values.cast(pa.string())
    is_categories = pa.types.is_dictionary(values.type)
    return values.cast(values.type.value_type) if is_categories else values
