"""What the report is made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.core.objects import check_known
from xstilts.core.table_contract import TableContract
from xstilts.report import dyad_gains, learned, units
from xstilts.report.names import ordered_intermediates
from xstilts.sources import source_names

COLUMNS = {
    "index": ("intermediate", "target", "seed", "run", "parent_run", "status"),
    "scores": ("intermediate", "target", "language", "seed", "metric", "value", "n", "primary"),
    "gains": (
        "intermediate", "target", "language", "seed", "baseline", "score", "gain", "low", "high",
        "same_data",
    ),
    "errors": ("target", "first", "second", "error"),
    "run_learning": ("run", "learned"),
    "curves": ("run", "stage", "step", "score"),
    "learning": (
        "task", "role", "metric", "chance", "english_dev", "standard_error", "learned",
        "english_test", "other_languages",
    ),
    "stages": ("stage", "runs", "cpu_seconds", "hours", "tokens_per_second"),
    "xtreme": ("intermediate", "seed", "name", "value"),
    "best": (
        "target", "intermediate", "chosen_on", "dev_score", "test_score", "baseline", "gain", "low",
        "high", "gain_shrunken", "taken", "taken_gain", "taken_low", "taken_high",
    ),
    "rivals": (
        "target", "intermediate", "chosen", "dev_score", "dev_rank", "test_score", "test_rank",
        "gain", "low", "high", "gain_shrunken",
    ),
    "claims": (
        "claim", "part", "statement", "published", "measured", "low", "high", "verdict", "because",
        "rule", "note", "source",
    ),
    "published": ("system", "target", "metric", "value", "source"),
    "languages": ("language", "name", "family_glottolog", "joshi_class", "pretraining_GiB"),
    "similarity": ("measure", "intermediate", "target", "language", "similarity"),
    "coverage": ("scheme", "held_out", "rows", "covered", "nominal"),
    "contamination": (
        "training_set", "target", "training_examples", "dropped", "left_exact", "left_normalised",
        "languages", "named",
    ),
    "fidelity": (
        "target", "rows", "spearman", "best", "cheap_best", "same_best", "lost", "popular",
        "lost_popular",
    ),
}  # fmt: skip


def checked(frame: pd.DataFrame | None, name: str, columns: Iterable[str]) -> pd.DataFrame:
    """Table `name` with these columns; None or no rows gives an empty table.

    Raises StudyError where a table with rows lacks a column.
    """
    columns = list(columns)
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

    `intermediates` and `targets` are the study's lists, in the order of its config; the page puts
    the baseline before all other rows, and what is made of several tasks or of a variant after
    them. `runs` is the folder of all runs as seen from the page; an entry of `index.run` is a run's
    folder below it (`target/<name>`; a bare name is taken as one of stage `target`).
    `stages.hours` are hours of wall time summed over a stage's runs. `languages` are facts on all
    languages, whether the study has them or not.
    """

    study: str
    description: str
    data: str
    """Kind of data: `demo`, `folder` or `hub`."""
    intermediates: list[str]
    targets: list[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    """What each task is called on the page, by its name."""
    index: pd.DataFrame = None
    scores: pd.DataFrame = None
    gains: pd.DataFrame = None
    errors: pd.DataFrame = None
    """Errors over test items of the difference of two rows; without, gains' errors are bounded."""
    run_learning: pd.DataFrame = None
    """Whether single runs learned; without, only what `learning` says of tasks is known."""
    curves: pd.DataFrame = None
    """Dev score of single runs by step of training."""
    learning: pd.DataFrame = None
    stages: pd.DataFrame = None
    xtreme: pd.DataFrame = None
    best: pd.DataFrame = None
    rivals: pd.DataFrame = None
    claims: pd.DataFrame = None
    published: pd.DataFrame = None
    languages: pd.DataFrame = None
    similarity: pd.DataFrame = None
    coverage: pd.DataFrame = None
    contamination: pd.DataFrame = None
    fidelity: pd.DataFrame = None
    """What cheap runs told of full ones, where the study has both."""
    inference: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Tables of the rule that infers, by name of file: those of `contracts`, in their order."""
    contracts: Sequence[TableContract] = ()
    """What each table of inference is."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """What `inference.json` says; empty where nothing was inferred."""
    captions: Mapping[str, str] = field(default_factory=dict)
    """Caption of each figure, by its name."""
    problems: list[str] = field(default_factory=list)
    versions: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    """The plan.yaml that chose the cells; empty where the whole grid was run."""
    runs: str = "../../runs"

    @property
    def stated(self) -> Mapping[str, Any] | None:
        """How much scores vary between training runs, where the config says so."""
        return self.config.get("inference", {}).get("run_sd")

    @cached_property
    def dyads(self) -> pd.DataFrame:
        """Gain and interval of each pair of tasks, the ones that stand everywhere on the page.

        As from `dyad_gains.summarise`, with a column `unlearned` (see `learned.marked`).
        """
        unlearned = learned.reasons(self.learning, self.index, self.run_learning)
        dyads = dyad_gains.summarise(self.gains, self.errors, self.stated)
        return learned.marked(dyads, unlearned)

    @cached_property
    def language_gains(self) -> pd.DataFrame:
        """Gain and interval of each pair of tasks in each language: `dyad_gains.by_language`."""
        return dyad_gains.by_language(self.gains)

    @cached_property
    def learned_dyads(self) -> pd.DataFrame:
        """Those of `dyads` of which every run learned its task."""
        return self.dyads[self.dyads["unlearned"] == ""]

    def __post_init__(self) -> None:
        """Put the lists in order and the tables in shape."""
        check_known(self.data, source_names(), "source of data")
        for name in COLUMNS:
            object.__setattr__(self, name, checked(getattr(self, name), name, COLUMNS[name]))
        for table in self.contracts:
            if table.name in self.inference:
                units.check(self.inference[table.name], table.columns, table.name)
        tables = {
            table.name: checked(self.inference.get(table.name), table.name, table.columns)
            for table in self.contracts
        }
        object.__setattr__(self, "inference", tables)
        object.__setattr__(self, "intermediates", ordered_intermediates(self.intermediates))
        object.__setattr__(self, "targets", list(dict.fromkeys(self.targets)))
