"""Errors that a user can act on."""

import difflib
import re
from collections.abc import Iterable


class StudyError(Exception):
    """A mistake in config, data or files: one sentence on what is wrong, where, and what to do."""

    def __init__(self, message: str = "") -> None:
        super().__init__(without_password(message))


def without_password(text: str) -> str:
    """`text` with the name and password in every address (https://name:word@host) left out."""
    return re.sub(r"(\w://)[^/@\s'\"]+@", r"\1***@", text)


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint that names the valid word closest to `name`, or lists all of them if none is close."""
    choices = sorted(valid)
    close = difflib.get_close_matches(name, choices, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(choices)}."
