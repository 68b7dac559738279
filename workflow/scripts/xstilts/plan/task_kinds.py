"""Whether the kind that each task sheet names is there, and has the fields that it maps."""

from collections.abc import Iterator, Mapping

from xstilts.config.sheets import Sheet
from xstilts.core.errors import StudyError, nearest
from xstilts.kinds import kind_of


def check_kinds(sheets: Mapping[str, Sheet]) -> None:
    """Sheets against the kinds of task, which their schema knows nothing of.

    Raises:
        StudyError: a sheet names a kind that is not there, or maps a field that its kind has not.
    """
    for name, sheet in sheets.items():
        where = f"resources/tasks/{name}.yaml, key"
        try:
            shape = kind_of(sheet["kind"]).shape
        except StudyError as error:
            raise StudyError(f"{where} 'kind': {error}") from None
        fields = ["id", *shape.required, *shape.optional]
        for field in _mapped(sheet):
            if field not in fields:
                raise StudyError(
                    f"{where} 'columns': a task of kind {sheet['kind']} has no field '{field}'; "
                    f"{nearest(field, fields)}"
                )


def _mapped(sheet: Sheet) -> Iterator[str]:
    """All fields that a sheet maps columns to, those of single parts included."""
    yield from sheet["columns"]
    for parts in sheet["splits"].values():
        for part in parts:
            yield from part.get("columns", {})
