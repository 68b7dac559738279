"""Fields that a sheet makes of columns, row by row, in the forms of `core.column_forms`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from xstilts.core.column_forms import form_of
from xstilts.data.row_faults import RowError

FAULT = pa.struct([("reason", pa.string()), ("detail", pa.string()), ("field", pa.string())])
"""What is wrong with a row, of which a field could not be made."""


def _joined(turns: Sequence[str | None] | None, words: Mapping[str, Any]) -> str:
    if turns is None or None in turns:
        raise RowError("null")
    return words["with"].join(turns)


def _replaced(value: str | None, words: Mapping[str, Any]) -> str:
    if value is None:
        raise RowError("null")
    if value not in words["by"]:
        known = ", ".join(words["by"])
        raise RowError("a word that the sheet replaces by nothing", f"{value!r} is none of {known}")
    return words["by"][value]


def _place(answer: str | None, choices: Sequence[str] | None, words: Mapping[str, Any]) -> int:
    if answer is None or choices is None:
        raise RowError("null")
    alike = [index for index, choice in enumerate(choices) if choice == answer]
    if len(alike) != 1:
        how = "several" if alike else "none"
        raise RowError("the answer is not one of the choices", f"answer {answer!r} is {how}")
    return alike[0]


def _marked(
    text: str | None, begin: int | None, end: int | None, words: Mapping[str, Any]
) -> str:  # fmt: skip
    if text is None or begin is None or end is None:
        raise RowError("null")
    if not 0 <= begin < end <= len(text):
        where = f"{begin} to {end} in {len(text)} characters"
        raise RowError("offsets that lie outside of the text", where)
    mark = words["with"]
    return f"{text[:begin]}{mark}{text[begin:end]}{mark}{text[end:]}"


MAKERS: dict[str, tuple[Callable[..., object], tuple[str, ...], pa.DataType]] = {
    "join": (_joined, ("texts",), pa.string()),
    "replace": (_replaced, ("text",), pa.string()),
    "place_of": (_place, ("text", "texts"), pa.int32()),
    "mark": (_marked, ("text", "integer", "integer"), pa.string()),
}
"""By form: what makes a value, the types of the columns that it reads, its own type."""


def make(
    column: Mapping[str, Any], field: str, values: Sequence[Sequence[object]]
) -> tuple[pa.Array, list[dict[str, str] | None]]:
    """A field and the faults of its rows (`FAULT`; None where there is none).

    Args:
        column: the form.
        field: our name of the field, which a fault names.
        values: of each column that the form reads, its rows.
    """
    maker, _, kind = MAKERS[form_of(column)]
    made: list[object] = []
    faults: list[dict[str, str] | None] = []
    for row in zip(*values, strict=True):
        try:
            value, fault = maker(*row, column), None
        except RowError as error:
            value, fault = None, {"reason": error.reason, "detail": error.detail, "field": field}
        made.append(value)
        faults.append(fault)
    return pa.array(made, kind), faults
