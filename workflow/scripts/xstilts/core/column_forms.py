"""How a sheet says what a field is made of: a column, several columns, or one of the forms below.

A form is for what a file spreads over columns or writes otherwise than we read it:

- `{join: dialogue, with: " "}`: a list of texts (the turns of a dialogue) as one text;
- `{replace: question, by: {cause: "What was the cause?"}}`: a text for each word of a column;
- `{place_of: answer, among: choice}`: which of the choices an answer that is given as text is;
- `{mark: sentence1, from: start1, to: end1, with: "*"}`: a text with a mark on both sides of the
  characters between two offsets.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.core.errors import StudyError, nearest

Column = str | Sequence[str] | Mapping[str, Any]
"""What a sheet maps a field to."""

FORMS = {
    "join": (("join",), ("with",)),
    "replace": (("replace",), ("by",)),
    "place_of": (("place_of", "among"), ()),
    "mark": (("mark", "from", "to"), ("with",)),
}
"""By the first key of a form: its keys that name columns, and those that hold words."""


def form_of(column: Mapping[str, Any]) -> str:
    """The key of `FORMS` that a form has."""
    return next(name for name in FORMS if name in column)


def paths(column: Column) -> list[str]:
    """The columns, or fields inside them, that a field is made of."""
    if isinstance(column, str):
        return [column]
    if isinstance(column, Mapping):
        return [path for key in FORMS[form_of(column)][0] for path in paths(column[key])]
    return list(column)


def written(column: Column) -> str:
    """How a message names what a field is made of."""
    return ", ".join(paths(column))


def check_form(column: Column, where: str) -> None:
    """Whether a form has all its keys, and no others.

    Raises:
        StudyError: it has not; `where` names sheet and key.
    """
    if not isinstance(column, Mapping):
        return
    names = [name for name in FORMS if name in column]
    if len(names) != 1:
        raise StudyError(
            f"{where}: a field made of columns has one of the keys {', '.join(FORMS)}, and here "
            f"{'are ' + ' and '.join(names) if names else 'is none of them'}; see config/README.md."
        )
    needed = [key for keys in FORMS[names[0]] for key in keys]
    for key in needed:
        if key not in column:
            raise StudyError(f"{where}: '{names[0]}' needs '{key}' beside it; add it.")
    for key in column:
        if key not in needed:
            raise StudyError(f"{where}: '{names[0]}' has no '{key}'; {nearest(key, needed)}")
