"""Recipes: everything that determines a run, and nothing else.

A recipe is plain JSON; its digest names the folder of the run. What does not change a number
(paths, thread counts, seconds between checkpoints) stays out.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.core.canonical import digest
from xstilts.core.paths import stage_folder

Recipe = dict[str, Any]

# What the rules of a stage make besides the receipt.
FILES = {
    "encoder": ("config.json", "model.safetensors", "tokenizer.json"),
    "translation": ("train.parquet",),
    "data": ("train.arrow", "dev.arrow", "test.arrow"),
    "target": ("predictions.parquet",),
}


@dataclass(frozen=True)
class Run:
    """One fine-tune, one prepared task, or one encoder kept untrained.

    Attributes:
        stage: encoder, data, activations, intermediate, target, embeddings or evidence.
        label: the readable half of the name.
        recipe: what determines the run.
        parents: the runs whose files it reads, by role; their digests stand in the recipe.
    """

    stage: str
    label: str
    recipe: Recipe
    parents: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits over the recipe."""
        return digest(self.recipe)

    @cached_property
    def name(self) -> str:
        """Name of the run's folder."""
        return f"{self.label}-{self.digest}"

    @cached_property
    def folder(self) -> Path:
        """Folder of the run, relative to the working directory."""
        return stage_folder(self.stage) / self.name

    @cached_property
    def receipt(self) -> Path:
        """The file whose presence makes the run exist."""
        return self.folder / "receipt.json"

    def is_there(self) -> bool:
        """Whether the run is finished and none of its files is lost."""
        files = [self.folder / name for name in FILES.get(self.stage, ())]
        return all(path.exists() for path in (self.receipt, *files))

    @property
    def is_search(self) -> bool:
        """Whether it searches for translations, and trains nothing."""
        return is_search(self.recipe)


def is_search(recipe: Recipe) -> bool:
    """Whether it is a `SearchRecipe`: such a run trains nothing."""
    return "retrieval" in recipe


def all_parents(run: Run) -> list[Run]:
    """The direct parents of `run`, each once, by name."""
    parents, queue = {}, [*run.parents.values()]
    while queue:
        item = queue.pop()
        if isinstance(item, Run):
            parents[item.name] = item
        else:
            queue.extend(item.values())
    return [parents[name] for name in sorted(parents)]


TRAINING_KEYS = (
    "learning_rate",
    "head_learning_rate",
    "epochs",
    "batch_examples",
    "batch_tokens",
    "warmup_share",
    "weight_decay",
    "gradient_clip",
    "evaluations",
    "patience",
    "head",
    "dropout",
    "gradient_accumulation",
)
# Left out of a recipe where nobody asks for it, so that runs of before have their names.
UNSAID = {"gradient_accumulation": 1}


def training_recipe(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that training reads, without those that prepared data already hold."""
    chosen = {key: settings[key] for key in TRAINING_KEYS}
    return {key: value for key, value in chosen.items() if (key, value) not in UNSAID.items()}
