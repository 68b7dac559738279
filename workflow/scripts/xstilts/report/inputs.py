"""What the report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from xstilts.report.names import ordered_intermediates, ordered_targets
from xstilts.study.errors import StudyError

COLUMNS = {
    "index": ("intermediate", "target", "seed", "run", "parent_run", "status"),
    "scores": ("intermediate", "target", "language", "seed", "metric", "value", "n", "primary"),
    "gains": (
        "intermediate", "target", "language", "seed", "baseline", "score", "gain", "low", "high",
        "same_data",
    ),
    "learning": (
        "task", "role", "metric", "chance", "english_dev", "standard_error", "learned",
        "english_test", "other_languages",
    ),
    "stages": ("stage", "runs", "cpu_seconds", "hours"),
}  # fmt: skip


def checked(frame: pd.DataFrame | None, name: str) -> pd.DataFrame:
    """The table with the columns of `COLUMNS[name]`; None or no rows gives an empty table.

    Raises StudyError where a table with rows lacks a column.
    """
    columns = list(COLUMNS[name])
    if frame is None or frame.empty:
        return pd.DataFrame(columns=columns)
    if absent := [column for column in columns if column not in frame]:
        raise StudyError(
            f"The report's table '{name}' lacks the column(s) {', '.join(absent)}: "
            "make the table again with this version of the workflow."
        )
    return frame[columns]


@dataclass(frozen=True)
class ReportInputs:
    """Everything on the page. Each table may be empty or None: the page then says what is missing.

    `intermediates` and `targets` are the study's lists as in its config (any order; the page has
    its own). `runs` is the folder of all runs as seen from the page; an entry of `index.run` is
    a run's folder below it (`target/<name>`; a bare name is taken as one of stage `target`).
    `stages.hours` are hours of wall time summed over a stage's runs.
    """

    study: str
    description: str
    data: str
    """Kind of data: `demo`, `folder` or `hub`."""
    intermediates: list[str]
    targets: list[str]
    index: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    gains: pd.DataFrame | None = None
    learning: pd.DataFrame | None = None
    stages: pd.DataFrame | None = None
    problems: list[str] = field(default_factory=list)
    versions: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    runs: str = "../../runs"

    def __post_init__(self) -> None:
        """Put the lists in order and the tables in shape."""
        if self.data not in ("demo", "folder", "hub"):
            raise StudyError(
                f"The report knows no kind of data '{self.data}': use demo, folder or hub."
            )
        for name in COLUMNS:
            object.__setattr__(self, name, checked(getattr(self, name), name))
        object.__setattr__(self, "intermediates", ordered_intermediates(self.intermediates))
        object.__setattr__(self, "targets", ordered_targets(self.targets))
