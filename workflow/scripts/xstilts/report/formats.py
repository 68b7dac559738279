"""Numbers as the page writes them."""

import re

import pandas as pd

EMPTY = "–"


def minus(text: str) -> str:
    """The text with a true minus sign."""
    return text.replace("-", "−")


def minus_in_words(sentence: str) -> str:
    """A sentence with true minus signs before its numbers; hyphens stay."""
    return re.sub(r"(?<!\w)-(?=[\d.])", "−", sentence)


def number(value: float | None, *, signed: bool = False) -> str:
    """One decimal with a true minus sign; a dash for what is missing."""
    if pd.isna(value):
        return EMPTY
    text = f"{value:+.1f}" if signed else f"{value:.1f}"
    if float(text) == 0:
        text = "0.0"
    return minus(text)


def interval(low: float, high: float) -> str:
    """`[−0.3, +1.2]`; empty where unknown. A rounded zero keeps its sign, which says the side."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return minus(f"[{low:+.1f},\u00a0{high:+.1f}]")


def count(amount: int, thing: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{amount:,} {thing}{'' if amount == 1 else 's'}"


def duration(seconds: float | None) -> str:
    """A time span in the unit that a reader would choose."""
    if seconds is None or pd.isna(seconds):
        return EMPTY
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
