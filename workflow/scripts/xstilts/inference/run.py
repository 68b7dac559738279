"""All of a study's inference: from gains, similarity and languages to tables and an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference import answer as words
from xstilts.inference.analyses.ceiling import dyads_by_seed, noise_ceiling, seed_components
from xstilts.inference.analyses.crossed import fit_rows, second_opinion
from xstilts.inference.analyses.effects import (
    CONTRAST,
    Settings,
    attempt,
    headline_effects,
    low_resource_effects,
    row_effects,
)
from xstilts.inference.analyses.equivalence import equivalence
from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.families import summary as summary_of_families
from xstilts.inference.analyses.headline import SIMILARITY, enough_tasks, fit_dyads
from xstilts.inference.analyses.influence import influence
from xstilts.inference.analyses.low_resource import too_few_languages, with_languages
from xstilts.inference.analyses.measures import agreement, compare
from xstilts.inference.analyses.power import power
from xstilts.inference.analyses.selection import selection
from xstilts.inference.analyses.shrinkage import shrunken_gains
from xstilts.inference.analyses.slopes import language_slopes, target_slopes
from xstilts.inference.analyses.variance import explained, variance_shares
from xstilts.inference.dyads import by_seed, dyads, seed_means, standardised_rows, task_similarity
from xstilts.inference.languages import languages_table
from xstilts.inference.tables import COLUMNS, table

OTHER_BOUNDS = (0.25, 0.5, 0.75, 1.0)


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
    """The tables by name, with exactly the columns of `tables.COLUMNS`, and the summary."""

    tables: dict[str, pd.DataFrame]
    summary: dict[str, Any]


def infer(inputs: Inputs, config: Mapping[str, Any]) -> Inference:
    """Everything; `config` holds the keys under `inference` in the study's config.

    An analysis that a study is too small for leaves its table empty and a sentence in `problems`.

    Raises:
        StudyError: the study has no such primary measure.
    """
    study = _Study(inputs, config)
    study.describe()
    if study.can_test():
        study.test()
        study.explain()
        study.select()
        study.look_around()
    elif not config["primary_measure"]:
        study.explain()
        study.select()
    return study.result()


class _Study:
    def __init__(self, inputs: Inputs, config: Mapping[str, Any]) -> None:
        self.inputs, self.config = inputs, config
        self.problems: list[str] = []
        self.tables = {name: table(name) for name in COLUMNS}
        self.seed: int = config["seed"]
        self.per_seed = by_seed(inputs.gains, config["without_languages"])
        self.rows = seed_means(inputs.gains, config["without_languages"])
        known = {name: size for name, size in inputs.training_sizes.items() if size}
        self.sizes = pd.DataFrame(
            {
                "intermediate": list(known),
                "training_size": np.log10(np.array(list(known.values()), dtype=float)),
            }
        )
        self.dyads, found = self._dyads(config["primary_measure"])
        self.problems += found
        self.covariates = self._covariates()
        self.tests = Settings(
            config["permutations"],
            self.seed,
            self.covariates,
            _left_out(config["without_languages"]),
        )
        self.by_language = standardised_rows(self.rows, self.dyads)
        self.fit: dict[str, float | None] = {}

    def _dyads(self, measure: str) -> tuple[pd.DataFrame, list[str]]:
        if measure:
            similarity = task_similarity(self.inputs.similarity, measure)
        else:
            unknown = {"similarity": np.nan, "reliability": np.nan}
            similarity = self.rows[["intermediate", "target"]].drop_duplicates().assign(**unknown)
        found, problems = dyads(self.rows, similarity, self.inputs.families)
        return found.merge(self.sizes, on="intermediate", how="left"), problems

    def _covariates(self) -> tuple[str, ...]:
        usable = tuple(name for name in self.config["covariates"] if self.dyads[name].notna().all())
        self.problems += [
            f"The covariate {name} is left out of the tests: some intermediate task has none."
            for name in self.config["covariates"]
            if name not in usable
        ]
        return usable

    def put(self, name: str, rows: object) -> None:
        self.tables[name] = table(name, rows)

    def describe(self) -> None:
        """Tables that need no test."""
        bootstrap = self.config["bootstrap"]
        self.put("dyads", self._with_shrunken_gains())
        self.put("agreement", agreement(self.inputs.similarity))
        if len(self.dyads):
            self.put("target_slopes", target_slopes(self.dyads, bootstrap, self.seed))
            languages = self.inputs.languages
            slopes = language_slopes(self.by_language, languages, bootstrap, self.seed)
            self.put("language_slopes", slopes)
        uneven = self.rows.groupby(["intermediate", "target"])["seeds"].max()
        if uneven.nunique() > 1:
            self.problems.append(
                f"{int((uneven < uneven.max()).sum())} pairs of tasks have fewer seeds than the "
                "others; every pair counts the same."
            )

    def _with_shrunken_gains(self) -> pd.DataFrame:
        if self.dyads.empty:
            return self.dyads
        noise = seed_components(dyads_by_seed(self.per_seed, self.dyads), "gain_scaled")
        try:
            gains = shrunken_gains(self.dyads, noise, float(self.dyads["seeds"].mean()))
        except StudyError:
            return self.dyads
        return self.dyads.assign(gain_shrunken=gains)

    def can_test(self) -> bool:
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

    def test(self) -> None:
        """The tests of similarity."""
        rows = attempt(
            lambda: headline_effects(self.dyads, self.tests), "The headline test", self.problems
        )
        rows += attempt(self._row_model, "The model of all rows", self.problems)
        known = with_languages(self.by_language, self.inputs.languages)
        few = too_few_languages(known)
        unseen = sorted(set(self.by_language["language"]) - set(known["language"]))
        without = replace(
            self.tests, left_out=_left_out([*self.config["without_languages"], *unseen])
        )
        if few:
            self.problems.append(few)
        else:
            rows += attempt(
                lambda: low_resource_effects(known, self.dyads, without),
                "The low-resource analysis",
                self.problems,
            )
        self.put("effects", rows)
        compared = compare(
            self.inputs.similarity,
            self.config["primary_measure"],
            lambda measure: self._dyads(measure)[0],
            covariates=self.covariates,
            permutations=self.config["permutations"],
            seed=self.seed,
        )
        self.put("measures", compared)

    def _row_model(self):
        fitted = fit_rows(self.by_language)
        yield from row_effects(self.by_language, fitted, self.tests)
        other = second_opinion(self.by_language, fitted)
        self.fit |= {
            "loglik_profile": other.profile_loglik,
            "loglik_statsmodels": other.statsmodels_loglik,
            "engines_agree": None if other.accepted is None else float(other.accepted),
        }
        if not other.accepted:
            self.problems.append(f"The model of all rows: {other.note}")

    def explain(self) -> None:
        """Variance, ceiling, equivalence, power."""
        means = dyads_by_seed(self.per_seed, self.dyads)
        self.put("noise_ceiling", noise_ceiling(means, self.dyads))
        noise = seed_components(means, "gain_scaled")
        points = seed_components(means, "gain")
        seeds = float(self.dyads["seeds"].mean())
        run = points["run"] if points else None
        attempted = attempt(
            lambda: iter(variance_shares(self.rows, run, seeds).to_dict("records")),
            "The variance shares",
            self.problems,
        )
        self.put("variance", attempted)
        if self.headline is None:
            return
        for found in attempt(
            lambda: iter([explained(self.dyads, self.covariates)]), "The R2", self.problems
        ):
            self.fit = {**found, **self.fit}
        self.put("fit", [{"quantity": name, "value": self.fit[name]} for name in self.fit])
        if self.headline is not None:
            fitted = fit_dyads(self.dyads, covariates=self.covariates)
            bounds = (self.config["equivalence_bound"], *OTHER_BOUNDS)
            self.put("equivalence", equivalence(fitted.kenward_roger(SIMILARITY), bounds))
            count = int(self.dyads["seeds"].max())
            studies = power(self.dyads, fitted, noise, count, self.seed, self.covariates)
            self.put("power", studies)

    def select(self) -> None:
        """Which way of choosing an intermediate task would have chosen the right one."""
        bootstrap = self.config["bootstrap"]
        self.put(
            "selection",
            selection(self.dyads, self.inputs.training_sizes, bootstrap, self.seed),
        )

    def look_around(self) -> None:
        """The headline without each task, language and family."""
        similarity = task_similarity(self.inputs.similarity, self.config["primary_measure"])
        found = influence(
            self.rows,
            similarity,
            self.inputs.languages,
            self.inputs.retrieval,
            self.covariates,
            self.sizes,
            self.inputs.families,
        )
        self.put("influence", found)

    @property
    def headline(self) -> dict[str, Any] | None:
        return self._effect("headline", "kenward_roger", "similarity")

    def _effect(self, analysis: str, method: str, term: str) -> dict[str, Any] | None:
        rows = self.tables["effects"]
        found = rows[
            (rows["analysis"] == analysis)
            & (rows["subset"] == "all")
            & (rows["scale"] == "standardised")
            & (rows["method"] == method)
            & (rows["term"] == term)
        ]
        return None if found.empty else found.iloc[0].to_dict()

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
