"""The grid: which runs a study needs, each named by its recipe.

Everything here is computed from config, task sheets and file digests while the Snakefile is
parsed, so that a dry run knows the whole study.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.study import places
from xstilts.study.canonical import canonical, digest
from xstilts.study.code import code_digest
from xstilts.study.config import (
    DATA_SETTINGS,
    Config,
    limits_of,
    multitask_settings,
    read_config,
    sheets_of,
    training_settings,
)
from xstilts.study.errors import StudyError
from xstilts.study.recipes import (
    RESULTS,
    Run,
    activations_run,
    data_run,
    encoder_run,
    training_recipe,
)
from xstilts.study.sheets import data_sets

BASELINE = "none"
MULTITASK = "multitask"

# The module whose imports decide what each stage computes.
STAGE_CODE = {
    "encoder": "xstilts.encoders.demo",
    "tokenizer": "xstilts.encoders.tokenizer",
    "data": "xstilts.data.prepare",
    "activations": "xstilts.training.activations",
    "intermediate": "xstilts.training.intermediate",
    "target": "xstilts.training.target",
    "retrieval": "xstilts.training.retrieval",
    "scores": "xstilts.evaluation.scores",
    "gains": "xstilts.evaluation.gains",
    "learning": "xstilts.evaluation.learning",
    "report": "xstilts.report.page",
}
DEMO_GRAMMAR = ("xstilts.data.demo",)


@dataclass(frozen=True)
class Cell:
    """One intermediate task, one target task and one seed, with the run that holds its scores."""

    intermediate: str
    target: str
    seed: int
    run: Run
    parent: Run


class Study:
    """A config resolved into runs.

    Attributes:
        config: the config with all defaults.
        sheets: task sheets by name.
        problems: sentences on what cannot run and what to do about it.
    """

    def __init__(self, raw: Config, root: Path) -> None:
        """Resolve `raw` under the repository `root`.

        Raises:
            StudyError: config, sheets or data files hold a mistake.
        """
        self.root = root
        self.config = read_config(raw, root)
        self.sheets = sheets_of(root)
        self.problems: list[str] = []
        self.files = places.FileDigests(RESULTS / ".file-digests.json")
        self._data: dict[str, Run] = {}
        self.languages = self._test_languages()
        self.intermediate_tasks = [
            task for task in self.config["intermediate_tasks"] if self._trainable(task)
        ]
        self.target_tasks = [task for task in self.config["target_tasks"] if self._reachable(task)]
        if not self.target_tasks:
            raise StudyError(f"nothing can run: {' '.join(self.problems)}")
        self.cells = list(self._cells())
        self.files.save()

    # What the data allow

    def _test_languages(self) -> dict[str, list[str]]:
        languages = {
            task: places.test_languages(task, self.sheets[task], self.config, self.root)
            for task in self.config["target_tasks"]
        }
        wanted = self.config["languages"]
        published = {code for sheet in self.sheets.values() for code in sheet["languages"]}
        for language in [] if wanted == "all" else wanted:
            if not any(language in found for found in languages.values()):
                known = published | {code for found in languages.values() for code in found}
                raise StudyError(
                    f"config, key 'languages': no target task has data in '{language}'; "
                    f"{places.nearest(language, known - {language})}"
                )
        return languages

    def _trainable(self, task: str) -> bool:
        sheet = self.sheets[task]
        held_out = sheet["held_out"] or {}
        for split in ("train", "dev"):
            if split != held_out.get("split") and not places.has_data(
                sheet, split, "en", self.config
            ):
                missing = places.missing_files(sheet, split, "en", self.config)
                self.problems.append(
                    f"{task} is left out: put {missing} into {self.config['data_root']}."
                )
                return False
        return True

    def _reachable(self, task: str) -> bool:
        training_set = self.sheets[task]["training_set"]
        if not self.languages[task]:
            example = places.missing_files(self.sheets[task], "test", "en", self.config)
            self.problems.append(
                f"{task} is left out: no language has test data in {self.config['data_root']} "
                f"(for English it would be {example})."
            )
            return False
        return training_set is None or self._trainable(training_set)

    # Runs

    @cached_property
    def encoder(self) -> Run:
        """The untuned encoder."""
        settings = self.config["encoder"]
        code = code_digest(STAGE_CODE["encoder"])
        return encoder_run(settings["name"], self._encoder_source(), code)

    def _encoder_source(self) -> dict[str, Any]:
        settings = self.config["encoder"]
        if settings["source"] == "demo":
            # Which bytes these are is a constant of the reader, and so part of the code digest.
            return {"name": "demo", "layers": settings["layers"]}
        folder = Path(settings["path"])
        found = sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")])
        names = {path.name for path in found}
        for name in ("config.json", "tokenizer.json"):
            if name not in names:
                raise StudyError(
                    f"config, key 'encoder.path': {folder} has no {name}; give a folder of "
                    "transformers files (config.json, model.safetensors, tokenizer.json)."
                )
        if not any(name.endswith(".safetensors") for name in names):
            raise StudyError(
                f"config, key 'encoder.path': {folder} has no .safetensors file; "
                "save the weights with safe_serialization=True."
            )
        return {"name": "folder", "files": {path.name: self.files.of(path) for path in found}}

    @cached_property
    def _tokenizer(self) -> str:
        source = self._encoder_source()
        if source["name"] == "folder":
            return digest(source["files"]["tokenizer.json"])
        return digest({"name": "demo", "code": code_digest(STAGE_CODE["tokenizer"])})

    def data(self, task: str) -> Run:
        """The prepared data of `task`: train and dev in English, test in every language."""
        if task not in self._data:
            self._data[task] = data_run(self._data_recipe(task), self.encoder)
        return self._data[task]

    def _data_recipe(self, task: str) -> dict[str, Any]:
        sheet = self.sheets[task]
        settings = training_settings(task, self.config, self.sheets)
        languages = self.languages.get(task, [])
        splits = {
            "train": places.parts_of(sheet, "train", "en"),
            "dev": places.parts_of(sheet, "dev", "en"),
            "test": [part for code in languages for part in places.parts_of(sheet, "test", code)],
        }
        keys = [
            key for key in DATA_SETTINGS if key == "maximum_length" or sheet["kind"] == "span_qa"
        ]
        return {
            "task": task,
            "kind": sheet["kind"],
            "labels": sheet["labels"],
            "source": self._source(task, splits),
            "columns": sheet["columns"],
            "held_out": sheet["held_out"],
            "splits": splits,
            "limits": limits_of(task, self.config),
            "sampling_seed": self.config["data_seed"],
            **{key: settings[key] for key in keys},
            "tokenizer": self._tokenizer,
            "code": code_digest(STAGE_CODE["data"], without=self._no_grammar),
        }

    @property
    def _no_grammar(self) -> tuple[str, ...]:
        return () if self.config["source"] == "demo" else DEMO_GRAMMAR

    def _source(self, task: str, splits: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        if self.config["source"] == "demo":
            lexicon = sorted((self.root / "resources" / "demo").rglob("*.yaml"))
            files = {str(path.relative_to(self.root)): self.files.of(path) for path in lexicon}
            return {
                "name": "demo",
                "seed": self.config["data_seed"],
                "sizes": limits_of(task, self.config),
                "lexicon": digest(files),
            }
        root = Path(self.config["data_root"])
        found = {
            path
            for parts in splits.values()
            for part in parts
            for path in places.files_of(part, root)
        }
        files = {path.relative_to(root).as_posix(): self.files.of(path) for path in sorted(found)}
        return {"name": "folder", "files": files}

    def activations(self, task: str) -> Run | None:
        """What the frozen layers give for `task`, or None where nothing is frozen."""
        frozen = self.config["encoder"]["frozen_layers"]
        if not frozen:
            return None
        code = code_digest(STAGE_CODE["activations"])
        return activations_run(self.encoder, self.data(task), frozen, code)

    def _inputs(self, tasks: Iterable[str]) -> dict[str, dict[str, Run]]:
        inputs = {}
        for task in tasks:
            inputs[task] = {"data": self.data(task)}
            if activations := self.activations(task):
                inputs[task]["activations"] = activations
        return inputs

    def _conditions(self) -> dict[str, Any]:
        config = self.config
        return {
            "frozen_layers": config["encoder"]["frozen_layers"],
            "precision": config["precision"],
        }

    def intermediate(self, name: str, seed: int) -> Run:
        """The encoder that row `name` starts its target tasks from."""
        if name == BASELINE:
            return self.encoder
        members = self._multitask_members if name == MULTITASK else [name]
        if name == MULTITASK:
            row = self.config["multitask"]
            settings = multitask_settings(self.config, self.root)
            mixture = {key: row[key] for key in ("sampling", "temperature", "cap")}
        else:
            settings = training_settings(name, self.config, self.sheets)
            mixture = None
        recipe = {
            "stage": "intermediate",
            "parent": self.encoder.digest,
            "tasks": [self._training_task(task) for task in members],
            "mixture": mixture,
            "training": training_recipe({**settings, "head": None}),
            **self._conditions(),
            "seed": seed,
            "code": code_digest(STAGE_CODE["intermediate"]),
        }
        parents = {"encoder": self.encoder, "inputs": self._inputs(members)}
        return Run("intermediate", f"{name}-seed{seed}", recipe, parents)

    @property
    def _multitask_members(self) -> list[str]:
        chosen = self.config["multitask"]["tasks"] or self.intermediate_tasks
        return [task for task in chosen if task in self.intermediate_tasks]

    def _training_task(self, task: str) -> dict[str, Any]:
        sheet = self.sheets[task]
        settings = training_settings(task, self.config, self.sheets)
        return {
            "task": task,
            "kind": sheet["kind"],
            "metric": sheet["metrics"][0],
            "data": self.data(task).digest,
            "head": settings["head"],
        }

    def _target_training(self, target: str) -> dict[str, Any] | None:
        training_set = self.sheets[target]["training_set"]
        if training_set is None:
            return None
        settings = training_settings(target, self.config, self.sheets)
        task = {**self._training_task(training_set), "head": settings["head"]}
        return {"tasks": [task], "training": training_recipe({**settings, "head": None})}

    @cached_property
    def target_groups(self) -> list[list[str]]:
        """Targets that share one fine-tune (XQuAD and MLQA), in the order of the config."""
        groups: dict[str, list[str]] = {}
        for target in self.target_tasks:
            training = self._target_training(target)
            key = digest(training) if training else target
            groups.setdefault(key, []).append(target)
        return list(groups.values())

    def target(self, name: str, group: list[str], seed: int) -> Run:
        """The fine-tune on the training set of `group`, with predictions for all its targets."""
        parent = self.intermediate(name, seed)
        training = self._target_training(group[0])
        evaluation = [
            {
                "target": target,
                "kind": self.sheets[target]["kind"],
                "metric": self.sheets[target]["metrics"][0],
                "data": self.data(target).digest,
            }
            for target in group
        ]
        recipe = {
            "stage": "target",
            "parent": parent.digest,
            "evaluation": evaluation,
            **self._conditions(),
        }
        if training:
            recipe |= training | {
                "seed": seed,
                "keep_weights": self.config["keep_target_weights"],
                "code": code_digest(STAGE_CODE["target"]),
            }
        else:
            recipe |= {
                "retrieval": self.config["retrieval"],
                "code": code_digest(STAGE_CODE["retrieval"]),
            }
        tasks = {*group, *([training["tasks"][0]["task"]] if training else [])}
        parents = {
            "encoder": self.encoder,
            "intermediate": parent,
            "inputs": self._inputs(sorted(tasks)),
        }
        # Retrieval trains nothing, so that only a trained encoder has a seed.
        seeded = training or parent.stage == "intermediate"
        label = f"{name}--{'+'.join(group)}" + (f"-seed{seed}" if seeded else "")
        return Run("target", label, recipe, parents)

    @cached_property
    def rows(self) -> list[str]:
        """Names of the rows: the baseline, the intermediate tasks, the multi-task row."""
        rows = [BASELINE, *self.intermediate_tasks]
        if self.config["multitask"]["enabled"] and len(self._multitask_members) > 1:
            rows.append(MULTITASK)
        return rows

    def _cells(self) -> Iterable[Cell]:
        for name in self.rows:
            for seed in self.config["seeds"]:
                for group in self.target_groups:
                    run = self.target(name, group, seed)
                    parent = run.parents["intermediate"]
                    for target in group:
                        yield Cell(name, target, seed, run, parent)

    @cached_property
    def runs(self) -> dict[str, dict[str, Run]]:
        """All runs by stage and name; a run that several cells share stands here once."""
        runs: dict[str, dict[str, Run]] = {
            stage: {} for stage in ("encoder", "data", "activations", "intermediate", "target")
        }

        def add(run: Run) -> None:
            if run.name in runs[run.stage]:
                return
            runs[run.stage][run.name] = run
            for parent in run.parents.values():
                for item in [parent] if isinstance(parent, Run) else parent.values():
                    for found in [item] if isinstance(item, Run) else item.values():
                        add(found)

        for cell in self.cells:
            add(cell.run)
        return runs

    # What the tables need to know

    def contains_training_set(self, name: str, target: str) -> bool:
        """Whether row `name` has seen the data that `target` is fine-tuned on (MNLI and XNLI)."""
        training_set = self.sheets[target]["training_set"]
        if name == BASELINE or training_set is None:
            return False
        members = self._multitask_members if name == MULTITASK else [name]
        seen = {data for task in members for data in data_sets(task, self.sheets)}
        return training_set in seen

    @property
    def tables(self) -> Path:
        """Folder of the study's tables and report."""
        return RESULTS / "studies" / self.config["study"]

    def table_of_cells(self) -> list[dict[str, Any]]:
        """Every cell with its run, as the table rules need it: plain JSON, in a fixed order."""
        return [
            {
                "intermediate": cell.intermediate,
                "target": cell.target,
                "seed": cell.seed,
                "run": cell.run.name,
                "parent_run": cell.parent.name,
                "same_data": self.contains_training_set(cell.intermediate, cell.target),
                "metrics": self.sheets[cell.target]["metrics"],
            }
            for cell in self.cells
        ]

    def trained_tasks(self) -> list[dict[str, Any]]:
        """Each task that is trained, with the folders of the runs that show how well it learns.

        A target is judged by the baseline row, which saw nothing but its own training set.
        """
        seeds = self.config["seeds"]
        found = [
            {
                "task": name,
                "role": "intermediate",
                "data": name,
                "folders": [str(self.intermediate(name, seed).folder) for seed in seeds],
            }
            for name in self.intermediate_tasks
        ]
        for group in self.target_groups:
            training_set = self.sheets[group[0]]["training_set"]
            if training_set is not None:
                folders = [str(self.target(BASELINE, group, seed).folder) for seed in seeds]
                found += [
                    {"task": task, "role": "target", "data": training_set, "folders": folders}
                    for task in group
                ]
        return found

    def job(self, run: Run) -> str:
        """What a training job is told: recipe and places, as canonical JSON.

        Every path is relative to the working directory, so that it says nothing of the machine.
        """
        start = run.parents.get("intermediate")
        return canonical(
            {
                "name": run.name,
                "recipe": run.recipe,
                "folder": str(run.folder),
                "scratch": str(RESULTS / "scratch" / run.name),
                "encoder": str(self.encoder.folder),
                "intermediate": str(start.folder) if start and start != self.encoder else None,
                "inputs": {
                    task: {role: str(found.folder) for role, found in found_by_role.items()}
                    for task, found_by_role in run.parents["inputs"].items()
                },
            }
        )
