"""Errors that a user can act on."""

import difflib
from collections.abc import Iterable


class ModelError(Exception):
    """A mistake in table or model: one sentence on what is wrong, where, and what to do."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint that names the valid word closest to `name`, or lists all of them if none is close."""
    choices = sorted(valid)
    close = difflib.get_close_matches(name, choices, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(choices)}."
