"""Recipes of the two stages of fine-tuning."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from xstilts.config.fidelity import cheap_config
from xstilts.config.study_config import multitask_settings, training_settings
from xstilts.config.variants import MLM, task_and_variant, training_task
from xstilts.core.canonical import digest
from xstilts.core.gpu_steps import PLAIN
from xstilts.core.naming import at_fidelity
from xstilts.core.paths import MLM_TEXT
from xstilts.plan.data_recipes import DataRecipes
from xstilts.plan.recipes import Run, training_recipe
from xstilts.plan.stage_recipes import ABSENT, IntermediateRecipe, SearchRecipe, TargetRecipe

BASELINE = "none"
MULTITASK = "multitask"


class TrainingRecipes:
    """Runs of the intermediate and of the target stage, at full size or at the config's fidelity.

    Attributes:
        fidelity: name of the fidelity; "" is the full size.
    """

    def __init__(self, prepared: DataRecipes, cheap: bool = False) -> None:
        """`prepared` knows which tasks there are and what their runs read.

        `cheap`: at the config's fidelity.
        """
        config = prepared.config
        self.config = cheap_config(config) if cheap else config
        self.less = config["fidelity"] if cheap else {}
        self.fidelity = self.less.get("name", "")
        self.sheets, self.available = prepared.sheets, prepared.available
        self.prepared, self.code = prepared, prepared.code
        # A row's encoder serves all of its columns.
        self._intermediates: dict[tuple[str, int], Run] = {}

    @property
    def frozen_layers(self) -> int:
        """Lower layers that stay as they came."""
        return self.config["encoder"]["frozen_layers"]

    def _conditions(self) -> dict[str, Any]:
        return {"frozen_layers": self.frozen_layers, "precision": self.config["precision"]}

    def _training(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings of the optimisation, with the fidelity's most steps."""
        chosen = training_recipe({**settings, "head": None})
        return chosen | ({"steps": self.less["steps"]} if self.less.get("steps") else {})

    def inputs(self, tasks: Iterable[str]) -> dict[str, dict[str, Run]]:
        """What a run reads of each of `tasks`."""
        return self.prepared.inputs(tasks, self.frozen_layers)

    @property
    def _gpu_step(self) -> str:
        """How a GPU makes steps, where not plainly: numbers differ by rounding."""
        config = self.config
        plain = config["accelerator"] != "gpu" or config["gpu_step"] == PLAIN
        return ABSENT if plain else config["gpu_step"]

    def intermediate(self, name: str, seed: int) -> Run:
        """The encoder that row `name` starts its target tasks from."""
        if (name, seed) not in self._intermediates:
            self._intermediates[name, seed] = self._intermediate(name, seed)
        return self._intermediates[name, seed]

    def _intermediate(self, name: str, seed: int) -> Run:
        if name == BASELINE:
            return self.prepared.encoder
        members = self.multitask_members if name == MULTITASK else [training_task(name)]
        if name == MULTITASK:
            row = self.config["multitask"]
            settings = multitask_settings(self.config)
            mixture = {key: row[key] for key in ("sampling", "temperature", "cap")}
        else:
            settings = training_settings(training_task(name), self.config, self.sheets)
            mixture = None
        inputs = self.inputs(members)
        mixed_in = task_and_variant(name)[1] == MLM
        if mixed_in:
            inputs[MLM_TEXT] = {"data": self.prepared.text}
        recipe = IntermediateRecipe(
            parent=self.prepared.encoder.digest,
            tasks=[self._training_task(task) for task in members],
            mixture=mixture,
            training=self._training(settings),
            **self._conditions(),
            seed=seed,
            masked_language_model=self._masked() if mixed_in else ABSENT,
            gpu_step=self._gpu_step,
            code=self.code.of("intermediate", **self._objects(members)),
        ).plain()
        parents = {"encoder": self.prepared.encoder, "inputs": inputs}
        row = at_fidelity(name, self.fidelity)
        return Run("intermediate", f"{row}-seed{seed}", recipe, parents)

    def _objects(self, tasks: Iterable[str]) -> dict[str, set[str]]:
        """Kinds and primary metrics of `tasks`, whose code a run on them reaches."""
        sheets = [self.sheets[task] for task in tasks]
        return {
            "kinds": {sheet["kind"] for sheet in sheets},
            "metrics": {sheet["metrics"][0] for sheet in sheets},
        }

    def _masked(self) -> dict[str, Any]:
        settings = self.config["masked_language_model"]
        chosen = {key: settings[key] for key in ("ratio", "masking_rate", "exponent")}
        return {"data": self.prepared.text.digest, **chosen}

    @property
    def multitask_members(self) -> list[str]:
        """Tasks of the multi-task row."""
        # Sorted, so that the order of rows in a config names no new run.
        chosen = self.config["multitask"]["tasks"] or self.available.intermediate_tasks
        return sorted(task for task in chosen if task in self.available.intermediate_tasks)

    def _training_task(self, task: str) -> dict[str, Any]:
        sheet = self.sheets[task]
        settings = training_settings(task, self.config, self.sheets)
        return {
            "task": task,
            "kind": sheet["kind"],
            "metric": sheet["metrics"][0],
            "data": self.prepared.data(task).digest,
            "head": settings["head"],
            **self._share(),
        }

    def _share(self) -> dict[str, Any]:
        share = self.less.get("share")
        return {"share": {"of": share, "seed": self.config["data_seed"]}} if share else {}

    def _target_training(self, target: str) -> dict[str, Any] | None:
        training_set = self.sheets[target]["training_set"]
        if training_set is None:
            return None
        settings = training_settings(target, self.config, self.sheets)
        task = {**self._training_task(training_set), "head": settings["head"]}
        return {"tasks": [task], "training": self._training(settings)}

    @cached_property
    def groups(self) -> list[list[str]]:
        """Targets that share one fine-tune (MLQA and XQuAD), the groups in the config's order."""
        groups: dict[str, list[str]] = {}
        for target in self.available.target_tasks:
            training = self._target_training(target)
            key = digest(training) if training else target
            groups.setdefault(key, []).append(target)
        return [sorted(group) for group in groups.values()]

    def target(self, name: str, group: list[str], seed: int) -> Run:
        """The fine-tune on the training set of `group`, with predictions for all its targets."""
        parent = self.intermediate(name, seed)
        training = self._target_training(group[0])
        training_set = self.sheets[group[0]]["training_set"]
        evaluation = [
            {
                "target": target,
                "kind": self.sheets[target]["kind"],
                "metric": self.sheets[target]["metrics"][0],
                "data": self.prepared.data(target).digest,
            }
            for target in group
        ]
        shared = {"parent": parent.digest, "evaluation": evaluation, **self._conditions()}
        recipe: TargetRecipe | SearchRecipe
        if training:
            recipe = TargetRecipe(
                **shared,
                **training,
                seed=seed,
                keep_weights=self.config["keep_target_weights"],
                gpu_step=self._gpu_step,
                code=self.code.of("target", **self._objects([*group, training_set])),
            )
        else:
            recipe = SearchRecipe(
                **shared,
                retrieval=self.config["retrieval"],
                code=self.code.of("retrieval", metrics=self._objects(group)["metrics"]),
            )
        tasks = {*group, *([training["tasks"][0]["task"]] if training else [])}
        parents = {
            "encoder": self.prepared.encoder,
            "intermediate": parent,
            "inputs": self.inputs(sorted(tasks)),
        }
        # Retrieval trains nothing, so that only a trained encoder has a seed.
        seeded = training or parent.stage == "intermediate"
        row = at_fidelity(name, self.fidelity)
        label = f"{row}--{'+'.join(group)}" + (f"-seed{seed}" if seeded else "")
        return Run("target", label, recipe.plain(), parents)
