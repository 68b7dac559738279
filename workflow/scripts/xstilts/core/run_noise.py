"""How much scores vary between training runs, where one seed cannot say and a source does."""

from collections.abc import Iterable, Mapping
from typing import Any

# As under `inference.run_sd` in the config: `value` (a number, or numbers by target) and `source`.
Stated = Mapping[str, Any]


def stated_deviation(stated: Stated | None, target: str) -> float | None:
    """Standard deviation between seeds of a score of `target`, its languages' mean, in points.

    None where nothing is stated of it.
    """
    if not stated:
        return None
    value = stated["value"]
    deviation = value.get(target) if isinstance(value, Mapping) else value
    return None if deviation is None else float(deviation)


def said_of(stated: Stated | None, targets: Iterable[str]) -> str:
    """`0.8 points, after SOURCE`: what is stated of these targets; else empty."""
    known = (stated_deviation(stated, target) for target in targets)
    deviations = {deviation for deviation in known if deviation is not None}
    if not stated or not deviations:
        return ""
    ends = [f"{end:g}" for end in dict.fromkeys([min(deviations), max(deviations)])]
    return f"{' to '.join(ends)} points, after {stated['source']}"
