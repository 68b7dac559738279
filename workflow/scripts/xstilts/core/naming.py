"""Names that become paths, and templates that are filled in."""

import string
from collections.abc import Iterable
from typing import Any

from xstilts.core.errors import StudyError

# File systems allow 255 bytes, and a run's name holds several of these.
LONGEST = 100
# Rows that every grid may have, and the text of the rows `<task>+mlm`.
ENGLISH = "en"
# Between a task and the language of its training set: `ner@de`.
FROM = "@"
# Between a row and the fidelity at which it is run: `mnli~cheap`.
AT = "~"
RESERVED = ("none", "multitask", "multilingual_text")


def in_language(task: str, language: str) -> str:
    """Name of `task` with its training set in `language`; in English its own."""
    return task if language == ENGLISH else f"{task}{FROM}{language}"


def source_language(task: str) -> str:
    """Language of the training set of a row or column of a grid."""
    return task.partition(FROM)[2].partition("+")[0] or ENGLISH


def at_fidelity(row: str, fidelity: str) -> str:
    """Name of a row run at `fidelity`; at full size, which has no name, its own."""
    return f"{row}{AT}{fidelity}" if fidelity else row


def row_and_fidelity(name: str) -> tuple[str, str]:
    """The row that `name` runs, and its fidelity; "" is the full one."""
    row, _, fidelity = name.partition(AT)
    return row, fidelity


def check_name(name: str, where: str) -> None:
    """Whether a name can be part of a path.

    Raises:
        StudyError: it is too long, or holds line ends or the like (a pattern's `$` lets one pass).
    """
    if not name.isprintable():
        raise StudyError(f"{where}: {name!r} holds a line end or the like; leave it out.")
    if len(name) > LONGEST:
        raise StudyError(
            f"{where}: '{name[:20]}...' has {len(name)} characters, and paths are made of it; "
            f"{LONGEST} at most."
        )


def check_task_name(name: str, where: str) -> None:
    """As `check_name`, of a task sheet, which may not bear the name of a row that is always there.

    Raises:
        StudyError: it cannot.
    """
    check_name(name, where)
    if name in RESERVED:
        raise StudyError(
            f"{where}: no task can be called '{name}', which is what a row of every grid is "
            "called; rename the sheet."
        )


def check_template(text: Any, fields: Iterable[str], where: str) -> None:
    """Whether `text` can be filled in with these `fields`; anything but text is let pass.

    Raises:
        StudyError: a brace is alone, or a field is another one.
    """
    if not isinstance(text, str):
        return
    known = list(fields)
    try:
        named = [(name, how or turn) for _, name, how, turn in string.Formatter().parse(text)]
    except ValueError as error:
        raise StudyError(
            f"{where}: '{text}' has a brace without its other ({error}); write {{{{ or }}}} for "
            "a brace that is meant."
        ) from None
    for name, more in named:
        if name is not None and (name not in known or more):
            fillable = " and ".join(f"{{{field}}}" for field in known)
            raise StudyError(f"{where}: '{text}' names '{{{name}}}'; only {fillable} is filled in.")
