"""What a table promises to whoever reads it, without the code that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Units that a reader checks and writes in their own way; any other unit is a text for readers.
WORD = ""
FLAG = "yes or no"
COUNT = "count"
SHARE = "share"
"""From 0 to 1; readers write per cent."""
PROBABILITY = "probability"
POINTS = "points"


@dataclass(frozen=True, kw_only=True)
class TableContract:
    """A table between two rooms.

    Attributes:
        name: of its file, without the ending.
        caption: what it shows, as the page says it.
        columns: the unit of each column in the order of the file; `WORD` for words.
        beside: the figure whose numbers it has; "" for a table that stands by itself.
        shown: columns by which the page picks rows, with the value of those that it shows.
    """

    name: str
    caption: str
    columns: Mapping[str, str]
    beside: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)

    def contract(self) -> dict[str, Any]:
        """What a reader has to know of it, as JSON."""
        return {
            "name": self.name,
            "caption": self.caption,
            "columns": dict(self.columns),
            "beside": self.beside,
            "shown": dict(self.shown),
        }
