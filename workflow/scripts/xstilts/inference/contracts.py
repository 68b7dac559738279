"""What an inference table is: one object in a file of its own, which nothing else names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from xstilts.core.table_contract import TableContract

if TYPE_CHECKING:
    import pandas as pd

    from xstilts.inference.run import Analysis

Rows = Union[Iterable[Mapping[str, object]], "pd.DataFrame"]

# The unit of slopes on the standardised scale.
SLOPE = "standard deviations of the gain per standard deviation of similarity"


@dataclass(frozen=True, kw_only=True)
class InferenceTable(TableContract):
    """A table of the rule that infers.

    Attributes:
        order: tables are made, and listed, from the lowest up.
        make: its rows, from what is known of the study and the tables before it; none where the
            study is too small for them, with a sentence in `problems`.
    """

    order: int
    make: Callable[["Analysis"], Rows]
