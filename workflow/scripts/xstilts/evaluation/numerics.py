"""What a score was computed with, as far as it moves the last digits of a result.

Processor instructions, threads, device and library versions decide in which order sums are added.
Three training steps move weights by 4e-5 between two instruction sets; a whole run
moves less predictably.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from xstilts.core.canonical import canonical

Receipt = Mapping[str, Any]
MARKED, STRICT = "marked", "strict"
UNKNOWN = "unknown numerics"
# What a GPU computes does not hang on the processor beside it.
OF_PROCESSOR = ("cpu_capability", "threads", "machine")


def numerics_of(receipt: Receipt) -> tuple[str, str]:
    """Numerics of a run and of the intermediate run that it started from, each as one text.

    A run that started from the untuned encoder has no second ones; its own stand for them.
    """
    own = in_words(receipt.get("numerics"))
    parent = receipt.get("parent_numerics")
    return own, in_words(parent) if parent else own


def in_words(numerics: Mapping[str, Any] | None) -> str:
    """Numerics in a few words, equal where two runs compute alike."""
    if not numerics:
        return UNKNOWN
    skipped = OF_PROCESSOR if numerics["device"] == "cuda" else ()
    kept = {key: value for key, value in numerics.items() if key not in skipped}
    words = [f"{kept.pop('device')} {kept.pop('name')}"]
    words += [f"{key} {_plain(value)}" for key, value in sorted(kept.items())]
    return ", ".join(words).replace("_", " ")


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {version}" for name, version in sorted(value.items()))
    return value if isinstance(value, str) else canonical(value)


def alike(cell: Iterable[str], baseline: tuple[str, ...]) -> bool:
    """Whether a cell (its run and its intermediate run) was computed as its baseline was."""
    return set(cell) == {baseline[0]}


def sentence(unlike: Mapping[tuple[str, str], int], gains: int, mode: str) -> str | None:
    """What the page says of `unlike`: gains by the numerics of cell and baseline; None of none."""
    if not unlike:
        return None
    pairs = "; ".join(f"{cell} against {baseline}" for cell, baseline in sorted(unlike))
    end = (
        "`numerics: strict` leaves them out; delete the folders of these runs to have them made "
        "where the others were."
        if mode == STRICT
        else "they are marked 'unlike numerics', as their last digits may differ for that alone."
    )
    count = sum(unlike.values())
    return (
        f"{count} of {gains} gains subtract scores that were computed with unlike numerics "
        f"({pairs}): {end}"
    )
