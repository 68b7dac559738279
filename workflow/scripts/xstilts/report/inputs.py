"""What the report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.report.names import ordered_intermediates, ordered_targets

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
    "stages": ("stage", "runs", "cpu_seconds", "hours", "tokens_per_second"),
    "xtreme": ("intermediate", "seed", "name", "value"),
    "best": (
        "target", "intermediate", "chosen_on", "dev_score", "test_score", "baseline", "gain", "low",
        "high",
    ),
    "rivals": (
        "target", "intermediate", "chosen", "dev_score", "dev_rank", "test_score", "test_rank",
        "gain", "low", "high",
    ),
    "claims": (
        "claim", "part", "statement", "published", "measured", "low", "high", "verdict", "rule",
        "note", "source",
    ),
    "published": ("system", "target", "metric", "value", "source"),
    "languages": ("iso639_1", "name", "family_glottolog", "joshi_class", "cc100_GiB"),
    "similarity": ("measure", "intermediate", "target", "language", "similarity"),
    "coverage": ("scheme", "held_out", "rows", "covered", "nominal"),
}  # fmt: skip

INFERENCE_COLUMNS = {
    "dyads": (
        "intermediate", "target", "gain", "gain_standardised", "similarity",
        "similarity_standardised", "gain_centred", "similarity_centred", "same_data",
    ),
    "effects": (
        "analysis", "subset", "scale", "method", "term", "estimate", "standard_error", "df", "low",
        "high", "p", "n", "note",
    ),
    "measures": (
        "measure", "primary", "estimate", "standard_error", "df", "low", "high", "p", "p_mrqap",
        "p_max_t", "reliability", "estimate_disattenuated",
    ),
    "agreement": ("measure_a", "measure_b", "spearman", "dyads"),
    "target_slopes": (
        "target", "slope", "low", "high", "spearman", "spearman_low", "spearman_high", "dyads",
    ),
    "language_slopes": (
        "language", "name", "family", "joshi_class", "cc100_gib", "in_xlmr", "slope", "low", "high",
        "gain", "rows",
    ),
    "variance": ("component", "variance", "share", "estimated_zero"),
    "fit": ("quantity", "value"),
    "noise_ceiling": ("quantity", "value", "note"),
    "selection": (
        "scheme", "predictor", "metric", "held_out", "value", "chance", "low", "high",
    ),
    "influence": ("kind", "left_out", "estimate", "low", "high", "p"),
    "equivalence": ("bound", "p", "equivalent", "smallest_bound"),
    "power": (
        "intermediates", "targets", "seeds", "standard_error", "smallest_detectable_slope",
    ),
}  # fmt: skip


def checked(
    frame: pd.DataFrame | None, name: str, known: Mapping[str, tuple[str, ...]] = COLUMNS
) -> pd.DataFrame:
    """The table with the columns of `known[name]`; None or no rows gives an empty table.

    Raises StudyError where a table with rows lacks a column.
    """
    columns = list(known[name])
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
    `stages.hours` are hours of wall time summed over a stage's runs. `languages` are facts on all
    languages, whether the study has them or not.
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
    xtreme: pd.DataFrame | None = None
    best: pd.DataFrame | None = None
    rivals: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    published: pd.DataFrame | None = None
    languages: pd.DataFrame | None = None
    similarity: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    inference: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Tables of the rule that infers, by name of file."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """What `inference.json` says; empty where nothing was inferred."""
    captions: Mapping[str, str] = field(default_factory=dict)
    """Caption of each figure, by its name; `<name>_on_page` where the page's figure is another."""
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
        tables = {
            name: checked(self.inference.get(name), name, INFERENCE_COLUMNS)
            for name in INFERENCE_COLUMNS
        }
        object.__setattr__(self, "inference", tables)
        object.__setattr__(self, "intermediates", ordered_intermediates(self.intermediates))
        object.__setattr__(self, "targets", ordered_targets(self.targets))
