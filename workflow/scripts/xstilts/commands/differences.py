"""What differs between two recipes, in the words of the config."""

from dataclasses import dataclass
from typing import Any

from xstilts.core.canonical import canonical

Recipe = dict[str, Any]


@dataclass(frozen=True, order=True)
class Change:
    """One reason for a run.

    Attributes:
        kind: key (of config or task sheet), file, code, new or lost.
        name: the key's path, the file, the module, or what is new.
        old, new: the two values as text; empty where there is none.
    """

    kind: str
    name: str
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.kind in ("file", "code"):
            return f"{self.kind} {self.name} changed"
        if self.kind == "key" and self.old == self.new:
            return f"{self.name} changed"
        if self.kind == "key":
            return f"{self.name}: {self.old or 'nothing'} -> {self.new or 'nothing'}"
        return self.name


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every leaf of a recipe by its path; items of a list go by the task they are about."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = {_identity(item): item for item in value}
    if not isinstance(value, dict) or not value:
        return {path: value}
    by_path: dict[tuple[str, ...], Any] = {}
    for key, item in value.items():
        by_path |= leaves(item, (*path, str(key)))
    return by_path


def _identity(item: dict[str, Any]) -> str:
    named = [str(item[key]) for key in ("task", "target", "language") if key in item]
    return named[0] if len(item) and named else canonical(item)


def changed_leaves(old: Recipe, new: Recipe) -> dict[tuple[str, ...], tuple[Any, Any]]:
    """Old and new value of every leaf that is not the same in both; None where it is missing."""
    before, after = leaves(old), leaves(new)
    return {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if canonical(before.get(path)) != canonical(after.get(path))
    }


# Path in a recipe -> key of the config, where the two are called differently.
KEYS = {
    ("sampling_seed",): "data_seed",
    ("maximum_length",): "training.maximum_length",
    ("document_stride",): "training.document_stride",
    ("long_sentences",): "training.long_sentences",
    ("rare_below",): "training.rare_below",
    ("frozen_layers",): "encoder.frozen_layers",
    ("source", "layers"): "encoder.layers",
    ("source", "name"): "source",
    ("seed",): "seeds",
    ("keep_weights",): "keep_target_weights",
    ("mixture", "sampling"): "multitask.sampling",
    ("mixture", "temperature"): "multitask.temperature",
    ("mixture", "cap"): "multitask.cap",
}
# Said once already, by limits, data_seed and the languages of the data.
REPEATED = {("source", "sizes"), ("source", "seed"), ("languages", "codes")}
SHEET_KEYS = ("columns", "labels", "label_respellings", "held_out", "kind")
SIMILARITY = ("embeddings", "evidence")


def text(value: Any) -> str:
    """A value as a user would write it."""
    if isinstance(value, str) or value is None:
        return "null" if value is None else value
    return canonical(value)


def change_of(path: tuple[str, ...], old: Any, new: Any, stage: str, row: str) -> Change | None:
    """The change of one leaf in the words of the config, or None if another leaf says it."""
    if path[:2] in REPEATED:
        return None
    if path[:2] == ("source", "files"):
        return Change("file", path[2]) if len(path) > 2 else None
    if path == ("source", "lexicon"):
        return Change("file", "resources/demo")
    if path[0] == "splits":
        return None
    if path[0] in SHEET_KEYS or path[-1] in (
        "kind",
        "metric",
    ):
        return Change("key", f"task sheet, {'.'.join(path)}", text(old), text(new))
    if path[0] == "tasks" and path[-1] == "head":
        return Change("key", "training.head", text(old), text(new))
    key = KEYS.get(path, ".".join(path))
    if stage in SIMILARITY and path != ("frozen_layers",):
        key = f"similarity.{path[-1]}"
    if path[0] == "training" and row == "multitask" and stage == "intermediate":
        key = f"multitask.{key}"
    return Change("key", key, text(old), text(new))


def members(recipe: Recipe, key: str, name: str) -> str:
    """Names in a list of a recipe, in order: the tasks of a mixture, the targets of a group."""
    return " ".join(sorted(str(item[name]) for item in recipe.get(key, [])))


def languages(recipe: Recipe) -> str:
    """Test languages of a data recipe; of any other, none."""
    parts = recipe.get("splits", {}).get("test", [])
    return " ".join(sorted({part["language"] for part in parts}))
