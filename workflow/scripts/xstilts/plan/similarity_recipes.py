"""Recipes of similarity: the embeddings of each task, and LogME of each intermediate run."""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config, training_settings
from xstilts.config.variants import plain
from xstilts.core.errors import StudyError, nearest
from xstilts.kinds import kind_names, kind_of
from xstilts.plan.recipes import Recipe, Run
from xstilts.plan.stage_recipes import ABSENT, EmbeddingsRecipe, EvidenceRecipe
from xstilts.plan.training_recipes import TrainingRecipes
from xstilts.similarity.measures import Measure, measure_names, measure_of


class SimilarityRecipes:
    """What similarity needs of every task of a study.

    A task's text is that of its own training set; where it has none of its own (XNLI, XQuAD,
    MLQA) that of its English test set, and for BUCC and Tatoeba the English side: so MNLI and XNLI
    differ, though they share a training set. Labels are those of training sets alone, as who
    chooses an intermediate task has no others.

    Attributes:
        problems: sentences on texts that had to be taken from elsewhere.
    """

    def __init__(
        self,
        config: Config,
        sheets: dict[str, Sheet],
        fine_tunes: TrainingRecipes,
        trained: Collection[tuple[str, int]],
    ) -> None:
        """`fine_tunes` knows which tasks there are and what their runs read.

        `trained` are the rows and seeds whose encoders the study has.

        Raises:
            StudyError: the primary measure is not measured, or an embedder is not there.
        """
        self.config, self.sheets, self.fine_tunes = config, sheets, fine_tunes
        self.trained = trained
        self.prepared, self.code = fine_tunes.prepared, fine_tunes.code
        self.settings = settings = config["similarity"]
        self.intermediates = fine_tunes.available.intermediate_tasks
        self.targets = fine_tunes.available.target_tasks
        self.measures = self._measures()
        _measure(settings["primary"], "primary")
        if settings["primary"] not in settings["measures"]:
            raise StudyError(
                f"config, key 'similarity.primary': '{settings['primary']}' is not among "
                "similarity.measures; add it there or choose one of them."
            )
        self._check_text_parts()
        self.embedders = {
            key: self._embedder(key) for key in ("text_embedder", "language_embedder")
        }
        self.problems = [
            f"{target} has no English test set in this study: its similarity is that of its "
            f"training set, {self.text_of(target)}."
            for target in self.targets
            if self.text_of(target) != plain(target)
        ]

    def _measures(self) -> dict[str, Measure]:
        """The measures between tasks; looks at those in languages as well."""
        settings = self.settings
        for name in settings["language_measures"]:
            if not _measure(name, "language_measures").has_languages:
                able = [other for other in measure_names() if measure_of(other).has_languages]
                raise StudyError(
                    f"config, key 'similarity.language_measures': {name} is not taken by language; "
                    f"choose among {', '.join(able)}."
                )
        measures = {name: _measure(name, "measures") for name in settings["measures"]}
        for measure in measures.values():
            measure.check_settings(settings)
        return measures

    def _check_text_parts(self) -> None:
        for kind, parts in self.settings["text"].items():
            where = f"config, key 'similarity.text.{kind}'"
            if kind not in kind_names():
                known = nearest(kind, kind_names())
                raise StudyError(f"{where}: no kind of task is called '{kind}'; {known}")
            able = kind_of(kind).text_parts
            for part in parts:
                if part not in able:
                    raise StudyError(
                        f"{where}: the text of {kind} has no part '{part}'; {nearest(part, able)}"
                    )

    def _text_parts(self, kind: str) -> list[str]:
        """Which parts of an example are its text, in order."""
        return self.settings["text"].get(kind) or list(kind_of(kind).text_parts)

    def _embedder(self, key: str) -> Recipe | None:
        """Digests of the files of a folder of sentence-transformers; None for the default."""
        if self.settings[key] is None:
            return None
        folder = Path(self.settings[key])
        if not (folder / "modules.json").is_file():
            raise StudyError(
                f"config, key 'similarity.{key}': {folder} has no modules.json; give a folder that "
                "SentenceTransformer.save wrote."
            )
        paths = [path for kind in ("json", "safetensors", "txt", "model")
                 for path in folder.rglob(f"*.{kind}")]  # fmt: skip
        files = {
            path.relative_to(folder).as_posix(): self.prepared.files.of(path)
            for path in sorted(paths)
        }
        return {"files": files}

    def text_of(self, target: str) -> str:
        """The task whose English text stands for `target`: itself wherever it has any."""
        task = plain(target)
        sheet = self.sheets[task]
        own = sheet["training_set"] == task or kind_of(sheet["kind"]).sides is not None
        return task if own or "en" in self.prepared.languages[target] else sheet["training_set"]

    def run(self, task: str) -> Run:
        """The embeddings of `task`, as an artifact of its own."""
        sheet, settings, prepared = self.sheets[task], self.settings, self.prepared
        trains = sheet["training_set"] == task
        is_target = task in self.targets
        # In English, whatever the languages of training sets.
        read = self.text_of(task) == task if is_target else task == plain(task)
        labelled = trains and any(
            measure.is_labelled and not measure.reads_runs for measure in self.measures.values()
        )
        languages = None
        if settings["language_measures"]:
            languages = {
                "codes": prepared.languages[task] if is_target else [],
                "examples": settings["language_examples"],
                "embedder": self.embedders["language_embedder"],
            }
        parents = {"encoder": prepared.encoder, "data": prepared.data(task)}
        frozen = self.config["encoder"]["frozen_layers"]
        if activations := prepared.activations(task, frozen):
            parents["activations"] = activations
        recipe = EmbeddingsRecipe(
            task=task,
            kind=sheet["kind"],
            data=prepared.data(task).digest,
            encoder=prepared.encoder.digest,
            frozen_layers=frozen,
            text={
                "split": "train" if trains else "test",
                "fields": self._text_parts(sheet["kind"]),
                "examples": settings["examples"] if read else 0,
                "embedder": self.embedders["text_embedder"],
            },
            languages=languages,
            labelled=self._labelled(task) if labelled else None,
            seed=settings["seed"],
            activations=activations.digest if activations else ABSENT,
            code=self.code.of("embeddings", kinds=[sheet["kind"]]),
        ).plain()
        return Run("embeddings", task, recipe, parents)

    def _labelled(self, task: str) -> Recipe:
        return {
            "examples": self.settings["labelled_examples"],
            "batch_examples": self.settings["batch_examples"],
            "head": training_settings(task, self.config, self.sheets)["head"],
        }

    @cached_property
    def training_sets(self) -> list[str]:
        """Tasks that a target of the study is fine-tuned on."""
        names = {self.sheets[target]["training_set"] for target in self.targets}
        return sorted(names - {None})

    def evidence(self, intermediate: str, seed: int) -> Run:
        """LogME of the targets' labels given the encoder of an intermediate run."""
        parent = self.fine_tunes.intermediate(intermediate, seed)
        kinds = {self.sheets[name]["kind"] for name in self.training_sets}
        recipe = EvidenceRecipe(
            parent=parent.digest,
            training_sets={
                name: {
                    "kind": self.sheets[name]["kind"],
                    "data": self.prepared.data(name).digest,
                }
                for name in self.training_sets
            },
            frozen_layers=self.fine_tunes.frozen_layers,
            examples=self.settings["labelled_examples"],
            subsamples=self.settings["subsamples"],
            seed=self.settings["seed"],
            code=self.code.of("evidence", kinds=kinds),
        ).plain()
        parents = {
            "encoder": self.prepared.encoder,
            "intermediate": parent,
            "inputs": self.fine_tunes.inputs(self.training_sets),
        }
        return Run("evidence", parent.label, recipe, parents)

    @cached_property
    def embedded(self) -> dict[str, Run]:
        """The embeddings of every task that is compared, by task."""
        texts = map(self.text_of, self.targets)
        return {
            task: self.run(task)
            for task in dict.fromkeys(
                [*self.intermediates, *self.targets, *self.training_sets, *texts]
            )
        }

    @property
    def scores_runs(self) -> bool:
        """Whether a measure reads the encoders of intermediate runs."""
        return any(measure.reads_runs for measure in self.measures.values())

    @cached_property
    def scored(self) -> dict[str, list[Run]]:
        """The LogME runs of every intermediate task, one per seed."""
        if not self.scores_runs:
            return {}
        return {
            name: runs
            for name in self.intermediates
            if self.training_sets and (runs := self._evidence_of(name))
        }

    def _evidence_of(self, name: str) -> list[Run]:
        seeds = [seed for seed in self.config["seeds"] if (name, seed) in self.trained]
        return [self.evidence(name, seed) for seed in seeds]

    @property
    def runs(self) -> list[Run]:
        """All of them."""
        return [*self.embedded.values(), *(run for runs in self.scored.values() for run in runs)]

    def untrained_plan(self) -> dict[str, Any]:
        """As `plan`, without what only a trained encoder tells: for who has yet to choose tasks."""
        measures = [name for name, measure in self.measures.items() if not measure.reads_runs]
        return {**self.plan(), "measures": measures, "evidence": {}}

    def plan(self) -> dict[str, Any]:
        """What is compared with what, and where it lies: plain JSON for `compare_tasks`."""
        keys = ("measures", "language_measures", "subsamples", "seed")
        targets = {
            name: {
                "text": self.text_of(name),
                "labels": self.sheets[name]["training_set"],
                "languages": self.prepared.languages[name],
            }
            for name in self.targets
        }
        return {
            **{key: self.settings[key] for key in keys},
            "intermediates": {name: {"text": name, "labels": name} for name in self.intermediates},
            "targets": targets,
            "embeddings": {name: str(run.folder) for name, run in self.embedded.items()},
            "evidence": {
                name: [str(run.folder) for run in runs] for name, runs in self.scored.items()
            },
            "problems": self.problems,
        }


def _measure(name: str, key: str) -> Measure:
    try:
        return measure_of(name)
    except StudyError as error:
        raise StudyError(f"config, key 'similarity.{key}': {error}") from None
