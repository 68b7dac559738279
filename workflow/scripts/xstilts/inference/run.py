"""All of a study's inference: from gains, similarity and languages to tables and an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xstilts.core.run_noise import said_of
from xstilts.inference import answer as words
from xstilts.inference.analyses.ceiling import (
    dyads_by_seed,
    seed_components,
    stated_components,
)
from xstilts.inference.analyses.effects import CONTRAST, Settings
from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.families import summary as summary_of_families
from xstilts.inference.analyses.headline import enough_tasks
from xstilts.inference.dyads import by_seed, dyads, seed_means, standardised_rows, task_similarity
from xstilts.inference.languages import languages_table
from xstilts.inference.table_files import as_table
from xstilts.inference.tables import inference_tables


@dataclass(frozen=True)
class Inputs:
    """What inference stands on.

    Attributes:
        gains, similarity: gains.parquet and similarity.parquet.
        languages: the language table.
        training_sizes: training examples by intermediate task, as far as known.
        retrieval: target tasks that are not fine-tuned.
        families: which tasks behave alike.
    """

    gains: pd.DataFrame
    similarity: pd.DataFrame
    languages: pd.DataFrame
    training_sizes: Mapping[str, int] = field(default_factory=dict)
    retrieval: tuple[str, ...] = ()
    families: Families = field(default_factory=Families)

    @classmethod
    def read(cls, gains: Path, similarity: Path, languages: Path, **others: Any) -> "Inputs":
        """Inputs from the study's files; `others` are the remaining attributes.

        Raises:
            StudyError: the language table is no such table.
        """
        tables = pd.read_parquet(gains), pd.read_parquet(similarity)
        return cls(*tables, languages_table(languages), **others)


@dataclass(frozen=True)
class Inference:
    """The tables by name, with exactly the columns that each promises, and the summary."""

    tables: dict[str, pd.DataFrame]
    summary: dict[str, Any]


def infer(inputs: Inputs, config: Mapping[str, Any]) -> Inference:
    """Everything; `config` holds the keys under `inference` in the study's config.

    An analysis that a study is too small for leaves its table empty and a sentence in `problems`.

    Raises:
        StudyError: the study has no such primary measure.
    """
    analysis = Analysis(inputs, config)
    for table in inference_tables():
        analysis.tables[table.name] = as_table(table, table.make(analysis))
    return analysis.result()


class Analysis:
    """What is known of a study while its tables are made, one after the other.

    Attributes:
        inputs, config: as `infer` takes them; `seed` is the config's.
        problems: a sentence for each analysis that could not be made.
        tables: those made so far, the others empty.
        rows, per_seed: gains by intermediate, target and language, over seeds and by seed.
        sizes: training examples by intermediate task (log10).
        dyads: a row per pair of tasks, by the primary measure of similarity.
        covariates: rivals of similarity that every pair has.
        tests: the settings of every test.
        by_language: the rows with the similarity of their pair, standardised.
        fit: quantities of fitted models, by name.
        testable: whether there are tasks enough for a test of similarity.
        explained: whether gains are explained at all: there are, or nothing was to be tested.
    """

    def __init__(self, inputs: Inputs, config: Mapping[str, Any]) -> None:
        self.inputs, self.config = inputs, config
        self.problems: list[str] = []
        self.tables = {table.name: as_table(table) for table in inference_tables()}
        self.seed: int = config["seed"]
        self.per_seed = by_seed(inputs.gains, config["without_languages"])
        self.rows = seed_means(inputs.gains, config["without_languages"])
        known = {name: size for name, size in inputs.training_sizes.items() if size}
        self.sizes = pd.DataFrame(
            {
                "intermediate": np.array(list(known), dtype=object),
                "training_size": np.log10(np.array(list(known.values()), dtype=float)),
            }
        )
        self.dyads, left_out = self._dyads(config["primary_measure"])
        self.problems += left_out
        self.covariates = self._covariates()
        self.tests = Settings(
            config["permutations"],
            self.seed,
            self.covariates,
            _left_out(config["without_languages"]),
        )
        self.by_language = standardised_rows(self.rows, self.dyads)
        self.fit: dict[str, float | None] = {}
        self._check_seeds()
        self.testable = self._can_test()
        self.explained = self.testable or not config["primary_measure"]

    def _dyads(self, measure: str) -> tuple[pd.DataFrame, list[str]]:
        if measure:
            similarity = self.similarity(measure)
        else:
            unknown = {"similarity": np.nan, "reliability": np.nan}
            similarity = self.rows[["intermediate", "target"]].drop_duplicates().assign(**unknown)
        pairs, problems = dyads(self.rows, similarity, self.inputs.families)
        return pairs.merge(self.sizes, on="intermediate", how="left"), problems

    def _covariates(self) -> tuple[str, ...]:
        usable = tuple(name for name in self.config["covariates"] if self.dyads[name].notna().all())
        self.problems += [
            f"The covariate {name} is left out of the tests: some intermediate task has none."
            for name in self.config["covariates"]
            if name not in usable
        ]
        return usable

    def similarity(self, measure: str) -> pd.DataFrame:
        """Similarity of each pair of tasks by `measure`."""
        return task_similarity(self.inputs.similarity, measure)

    def dyads_by(self, measure: str) -> pd.DataFrame:
        """The pairs of tasks with the similarity by another measure."""
        return self._dyads(measure)[0]

    def tests_without(self, languages: list[str]) -> Settings:
        """The settings of tests that do not see these languages either."""
        left_out = _left_out([*self.config["without_languages"], *languages])
        return replace(self.tests, left_out=left_out)

    @cached_property
    def means(self) -> pd.DataFrame:
        """The pairs' gains by seed."""
        return dyads_by_seed(self.per_seed, self.dyads)

    @cached_property
    def noise(self) -> dict[str, float] | None:
        """Variance of standardised gains between and within runs; None where it is not known."""
        return self.components("gain_scaled")

    def components(self, response: str) -> dict[str, float] | None:
        """The same of `response`: from seeds, else by the deviation of runs that is stated."""
        components = seed_components(self.means, response)
        if components is None and self._one_seed:
            return stated_components(self.dyads, self.config.get("run_sd"), response)
        return components

    @cached_property
    def source_of_noise(self) -> str:
        """What is stated of the noise of runs, where that is used; else empty."""
        if not self._one_seed or self.noise is None:
            return ""
        return said_of(self.config.get("run_sd"), self.dyads["target"])

    @property
    def _one_seed(self) -> bool:
        return len(self.dyads) > 0 and self.dyads["seeds"].max() < 2

    @property
    def mean_seeds(self) -> float:
        """Seeds of a pair in the mean."""
        return float(self.dyads["seeds"].mean())

    def _check_seeds(self) -> None:
        uneven = self.rows.groupby(["intermediate", "target"])["seeds"].max()
        if uneven.nunique() > 1:
            self.problems.append(
                f"{int((uneven < uneven.max()).sum())} pairs of tasks have fewer seeds than the "
                "others; every pair counts the same."
            )
        if self.source_of_noise:
            self.problems.append(
                "One seed: how much gains owe to their training runs is not measured but taken "
                f"from a stated standard deviation of scores, {self.source_of_noise}."
            )

    def _can_test(self) -> bool:
        """Whether there are tasks enough; says so if not."""
        problem = enough_tasks(self.dyads)
        if problem:
            self.problems.append(problem)
        sides = [set(self.dyads[name]) for name in ("intermediate", "target")]
        missing = len(sides[0]) * len(sides[1]) - len(self.dyads)
        # Of a task with itself no gain is expected.
        if not (self.dyads["intermediate"] == self.dyads["target"]).any():
            missing -= len(sides[0] & sides[1])
        if missing:
            self.problems.append(
                f"{missing} pairs of tasks have no gain or no similarity and are not in the tests."
            )
        return problem is None

    @property
    def headline(self) -> words.Effect | None:
        """The row of `effects` that answers the question."""
        return self._effect("headline", "kenward_roger", "similarity")

    def _effect(self, analysis: str, method: str, term: str) -> words.Effect | None:
        rows = self.tables["effects"]
        rows = rows[
            (rows["analysis"] == analysis)
            & (rows["subset"] == "all")
            & (rows["scale"] == "standardised")
            & (rows["method"] == method)
            & (rows["term"] == term)
        ]
        return None if rows.empty else rows.iloc[0].to_dict()

    def result(self) -> Inference:
        """Tables and summary."""
        primary, bound = self.config["primary_measure"], self.config["equivalence_bound"]
        match = self._effect("headline", "mrqap", "similarity")
        contrast = self._effect("headline", "kenward_roger", CONTRAST)
        low = self._effect("low_resource", "kenward_roger", "similarity:log10_pretraining_size")
        tested = self.tables["equivalence"]
        tested = tested[tested["bound"] == bound]
        seeds = int(self.dyads["seeds"].max()) if len(self.dyads) else 0
        slopes = self.headline, match, contrast
        summary = {
            "question": words.QUESTION,
            "answer": words.answer(*slopes, primary),
            "limits": words.limits(
                self.tables["power"], tested, self.tables["noise_ceiling"], seeds
            ),
            "robust": words.is_robust(*slopes),
            "primary_measure": primary,
            "headline": self.headline,
            "match": match,
            "contrast": contrast,
            "families": summary_of_families(self.inputs.families, self.dyads),
            "low_resource": low,
            "equivalence": None if tested.empty else tested.iloc[0].to_dict(),
            "problems": self.problems,
            "tables": list(self.tables),
        }
        return Inference(self.tables, summary)


def _left_out(languages: list[str]) -> str:
    return f"without the languages {', '.join(languages)}" if languages else ""
