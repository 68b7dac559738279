"""What the grammar cannot make, in one sentence."""

from collections.abc import Iterable
from difflib import get_close_matches


class GrammarError(Exception):
    """Something is asked of the grammar that it does not have; the sentence says the remedy."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the end of a sentence: the known name most like `name`, or all of them."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(names)}."
