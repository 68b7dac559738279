"""Faulty rows: left out, counted by reason, the first of each reason named."""

from collections import Counter
from dataclasses import dataclass, field

from xstilts.core.column_forms import written
from xstilts.core.errors import StudyError

DROPPED_SHARE = 0.02
"""Share of a split's rows that may be left out, unless the config says otherwise."""


class RowError(Exception):
    """One row that cannot be used; `reason` is the same for all rows with this fault.

    `detail` says what stands in this row; `field` which of our fields is at fault, so that a report
    can name the published column.
    """

    def __init__(self, reason: str, detail: str = "", field: str = ""):
        super().__init__(reason)
        self.reason, self.detail, self.field = reason, detail, field


@dataclass
class Faults:
    """The faults of one split in one language; `kept` is the number of rows without any."""

    where: str
    kept: int = 0
    counts: Counter = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, error: RowError, row: str, mapping: dict | None = None) -> None:
        """Count a fault; `row` says where it is, `mapping` goes from fields to columns."""
        column = written((mapping or {}).get(error.field, error.field))
        reason = f"{error.reason} in column '{column}'" if column else error.reason
        self.counts[reason] += 1
        self.first.setdefault(reason, f"{row}, {error.detail}" if error.detail else row)

    def sentences(self) -> list[str]:
        """One sentence per reason, the most frequent first."""
        rows = self.kept + self.counts.total()
        return [
            f"{self.where}: {count} of {rows} {'row' if rows == 1 else 'rows'} left out, {reason} "
            f"(first: {self.first[reason]})."
            for reason, count in self.counts.most_common()
        ]

    def exceed(self, share: float) -> bool:
        """Whether more than `share` of the rows have faults."""
        faulty = self.counts.total()
        return faulty > share * (self.kept + faulty)

    def refuse(self, share: float) -> None:
        """Stop where `exceed`: what is left may be another set than the one that was published.

        Raises:
            StudyError: with the most frequent reasons.
        """
        if self.exceed(share):
            faulty = self.counts.total()
            raise StudyError(
                f"{self.where}: {faulty} of {self.kept + faulty} rows cannot be used, more than "
                f"{100 * share:g} %: correct the data, or allow more by dropped_share in the "
                f"config. {' '.join(self.sentences()[:3])}"
            )
