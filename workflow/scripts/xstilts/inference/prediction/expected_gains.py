"""Expected gains of intermediate tasks for targets and languages that a study has not.

The study's own rows are predicted too, each from all other target tasks, as a check.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference.prediction.candidates import (
    CANDIDATES,
    candidate_sets,
    candidates_of_new,
)
from xstilts.inference.prediction.covariates import (
    ROW,
    language_gaps,
    means_of_all_rows,
    similarity_gaps,
    with_covariates,
)
from xstilts.inference.prediction.features import Features, feature_gaps
from xstilts.inference.prediction.leave_out import LeaveOut

EXPECTED = [*ROW, "gain", "low", "high", "confidence", "observed"]
COVERAGE = ["scheme", "held_out", "rows", "covered", "nominal"]
# Fewer groups allow no interval worth the name: of four, the widest holds four times in five.
FEWEST = 5


@dataclass(frozen=True, eq=False)
class StudyData:
    """A study's gains, similarities and languages, ready to predict from.

    Args:
        gains: as gains.parquet; the columns intermediate, target, language and gain suffice.
        similarity: intermediate, target, similarity by one measure (see `task_similarity`).
        languages: the language table (`languages_table` with LANGUAGE_COLUMNS).
        without_languages: languages that are no zero-shot transfer.
        confidence: of the intervals, between 0 and 1.
        features: numbers of one's own of tasks and languages.
    """

    gains: pd.DataFrame
    similarity: pd.DataFrame
    languages: pd.DataFrame
    without_languages: Sequence[str] = ("en",)
    confidence: float = 0.9
    features: Sequence[Features] = ()

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row per intermediate, target and language, with covariates."""
        means = means_of_all_rows(self.gains, self.without_languages)
        names = means["intermediate"].unique()
        return with_covariates(means, self.similarity, self.languages, self.features, names)

    def _with_covariates(self, grid: pd.DataFrame, similarity: pd.DataFrame) -> pd.DataFrame:
        names = self.rows["intermediate"].unique()
        return with_covariates(grid, similarity, self.languages, self.features, names)

    @cached_property
    def targets(self) -> LeaveOut:
        """What the study says of a new target task, in a language of the study."""
        return LeaveOut(self.rows, "target")

    @cached_property
    def new_languages(self) -> LeaveOut:
        """What it says of its own target tasks in a new language; same data are data there."""
        return LeaveOut(self.rows.assign(same_data=False), "language", by_target=True)

    @cached_property
    def intermediates(self) -> LeaveOut:
        """What it says of a new intermediate task on its own target tasks."""
        return LeaveOut(self.rows, "intermediate", by_target=True)

    def own(self) -> pd.DataFrame:
        """The study's own rows, each as the other target tasks (or languages) predict it."""
        for scheme in (self.targets, self.new_languages):
            if len(scheme.groups) >= FEWEST:
                return _expected(scheme.known(self.confidence), observed=True)
        return pd.DataFrame(columns=EXPECTED)

    def candidates(self, within: float) -> pd.DataFrame:
        """The intermediate tasks of which one is nearly best for each target; see CANDIDATES.

        `within` are the points below the best that count as nearly best.
        """
        if len(self.targets.groups) < FEWEST:
            return pd.DataFrame(columns=CANDIDATES)
        return candidate_sets(self._left_out_means, self.confidence, within)

    def candidates_for(self, name: str, expected: pd.DataFrame, within: float) -> pd.DataFrame:
        """As `candidates`, of a target that is not in the study; `expected` as of `for_target`."""
        if len(self.targets.groups) < FEWEST:
            return pd.DataFrame(columns=CANDIDATES)
        means = expected.groupby("intermediate")["gain"].mean().rename("predicted").reset_index()
        return candidates_of_new(name, means, self._left_out_means, self.confidence, within)

    @property
    def _left_out_means(self) -> pd.DataFrame:
        """Gain of each pair of tasks, and as the other targets predict it: means over languages."""
        expected = self.rows.assign(predicted=self.targets.left_out)
        means = expected.groupby(["intermediate", "target"])[["gain", "predicted"]].mean()
        return means.dropna().reset_index()

    def can_be_new(self, language: str) -> bool:
        """Whether the study lacks this language for some target task."""
        ran = self.rows.loc[self.rows["language"] == language, "target"].nunique()
        return language not in self.without_languages and ran < self.rows["target"].nunique()

    def in_languages(self, languages: Sequence[str]) -> pd.DataFrame:
        """The study's dyads in those of `languages` in which they were not run."""
        dyads = self.rows[["intermediate", "target"]].drop_duplicates()
        wanted = [name for name in languages if name not in self.without_languages]
        grid = dyads.merge(pd.DataFrame({"language": wanted}, dtype=object), how="cross")
        ran = pd.MultiIndex.from_frame(self.rows[["target", "language"]])
        grid = grid[~pd.MultiIndex.from_frame(grid[["target", "language"]]).isin(ran)]
        if grid.empty or len(self.new_languages.groups) < FEWEST:
            return pd.DataFrame(columns=EXPECTED)
        rows = self._with_covariates(grid, self.similarity)
        return _expected(self.new_languages.new(rows, self.confidence), observed=False)

    def for_target(
        self, name: str, similarity: pd.DataFrame, languages: Sequence[str] = ()
    ) -> pd.DataFrame:
        """A target task that is not in the study, in `languages` or all of the study's.

        `similarity` has intermediate and similarity, by the measure of the study's.
        """
        known = self.rows["language"].unique()
        tasks = sorted(self.rows["intermediate"].unique())
        grid = pd.DataFrame({"intermediate": tasks}, dtype=object)
        wanted = pd.DataFrame({"language": sorted(languages or known)}, dtype=object)
        grid = grid.assign(target=name).merge(wanted, how="cross")
        rows = self._with_covariates(grid, similarity.assign(target=name))
        return self._new(self.targets, rows, rows["language"].isin(known))

    def for_intermediate(
        self, name: str, similarity: pd.DataFrame, languages: Sequence[str] = ()
    ) -> pd.DataFrame:
        """An intermediate task that is not in the study, for each of its target tasks.

        In `languages`, or where the study ran the target. `similarity` has target and similarity,
        by the measure of the study's.
        """
        cells = self.rows[["target", "language"]].drop_duplicates()
        if languages:
            wanted = pd.DataFrame({"language": sorted(languages)}, dtype=object)
            cells = cells[["target"]].drop_duplicates().merge(wanted, how="cross")
        grid = cells.assign(intermediate=name)[["intermediate", "target", "language"]]
        known = pd.concat([self.similarity, similarity.assign(intermediate=name)])
        rows = self._with_covariates(grid.reset_index(drop=True), known)
        return self._new(
            self.intermediates, rows, rows["language"].isin(self.rows["language"].unique())
        )

    def _new(self, scheme: LeaveOut, rows: pd.DataFrame, inside: pd.Series) -> pd.DataFrame:
        """`rows` of a new task; `inside` says which are in a language of the study."""
        if rows.empty or len(scheme.groups) < FEWEST:
            return pd.DataFrame(columns=EXPECTED)
        elsewhere = replace(scheme, hidden="language")
        parts = [(scheme, rows[inside]), (elsewhere, rows[~inside])]
        expected = [each.new(part, self.confidence) for each, part in parts if len(part)]
        return _expected(pd.concat(expected), observed=False)

    def coverage(self) -> pd.DataFrame:
        """How often the intervals hold, by what was left out."""
        parts = [
            scheme.coverage(self.confidence)
            for scheme in (self.targets, self.new_languages)
            if len(scheme.groups) >= FEWEST
        ]
        return pd.concat(parts)[COVERAGE] if parts else pd.DataFrame(columns=COVERAGE)

    def problems(
        self, languages: Collection[str] = (), *, new_intermediate: bool = False
    ) -> list[str]:
        """A sentence on each thing that the study is too small for, or that is not known.

        `languages` are those that were predicted for, beside the study's own; `new_intermediate`
        says whether an intermediate task was, in place of a target task or a language.
        """
        sentences = []
        schemes = {"target tasks": self.targets, "languages": self.new_languages}
        if new_intermediate:
            schemes = {"intermediate tasks": self.intermediates}
        for word, scheme in schemes.items():
            groups = len(scheme.groups)
            if groups < FEWEST:
                sentences.append(
                    f"The study has gains in {groups} {word} only: none are predicted for new "
                    f"{word}, which takes {FEWEST}."
                )
            elif groups / (groups + 1) < self.confidence:
                sentences.append(
                    f"{groups} {word} allow intervals of {groups / (groups + 1):.3f} confidence, "
                    f"not {self.confidence:g}; those are given."
                )
        codes = {*languages, *self.rows["language"]}
        sentences += similarity_gaps(self.rows) + language_gaps(codes, self.languages)
        return [*sentences, *feature_gaps(self.features, self.rows)]


def predict_study(
    evidence: StudyData, languages: Sequence[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """A study's own rows and those it lacks in `languages` (None: all whose distance
    to English is known).

    Returns:
        The columns EXPECTED and COVERAGE, and `problems`. A study that no model can be fitted to
        has empty tables and a sentence that says why.
    """
    facts = evidence.languages
    placed = facts.loc[facts["l2v_syntax_shared_ang"].notna(), "language"]
    codes = list(placed if languages is None else languages)
    try:
        own, new = evidence.own(), evidence.in_languages(codes)
        expected = new if own.empty else own if new.empty else pd.concat([own, new])
        return expected, evidence.coverage(), evidence.problems(new["language"])
    except StudyError as error:
        empty = pd.DataFrame(columns=EXPECTED), pd.DataFrame(columns=COVERAGE)
        return *empty, [f"No gains are predicted: {error}."]


def _expected(rows: pd.DataFrame, observed: bool) -> pd.DataFrame:
    expected = rows.assign(observed=observed)[EXPECTED]
    return expected.sort_values(["target", "language", "intermediate"], ignore_index=True)
