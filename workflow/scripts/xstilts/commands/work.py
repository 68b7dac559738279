"""How much a run computes, by its recipe: what it reads, and through how many layers that goes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xstilts.plan.recipes import Recipe, is_search

# A step of training runs the network forward and backward, about three times the work of reading
# an answer off it (Kaplan et al. 2020, section 2.1).
BACKWARD = 3


@dataclass(frozen=True)
class Prepared:
    """Prepared data that runs read.

    Attributes:
        recipe: what determines them.
        rows: examples by split and language, once they are there.
    """

    recipe: Recipe
    rows: Mapping[str, Mapping[str, int]] | None = None

    def examples(self, split: str) -> float | None:
        """Examples of a split, all languages together; None where only the data could say."""
        recipe = self.recipe
        if not recipe["splits"][split] and (recipe["held_out"] or {}).get("split") != split:
            return 0.0
        limit = recipe["limits"].get(split)
        if limit is not None:
            return float(limit) * len({part["language"] for part in recipe["splits"][split]} or {0})
        return None if self.rows is None else float(sum(self.rows[split].values()))

    def known(self, split: str) -> float:
        """As `examples`; TypeError where it is None."""
        count = self.examples(split)
        if count is None:
            raise TypeError(split)
        return count


def work(recipe: Recipe, data: Mapping[str, Prepared]) -> float | None:
    """How many examples a run reads, counted as forward passes; None where nobody can say yet.

    `data` are the prepared data that it may read, by digest.
    """
    try:
        if recipe["stage"] == "data":
            return sum(Prepared(recipe).known(split) for split in recipe["splits"])
        if recipe["stage"] == "activations":
            prepared = data[recipe["data"]]
            return sum(prepared.known(split) for split in prepared.recipe["splits"])
        total, read = 0.0, 0.0
        for task in recipe.get("tasks", []):
            prepared, training = data[task["data"]], recipe["training"]
            read += prepared.known("train") * share_of(task) * training["epochs"]
            total += prepared.known("dev") * training["evaluations"]
        if (most := recipe.get("training", {}).get("steps")) is not None:
            read = min(read, most * recipe["training"]["batch_examples"])
        total += BACKWARD * read
        for target in recipe.get("evaluation", []):
            total += data[target["data"]].known("test")
            if is_search(recipe):
                total += data[target["data"]].known("dev")
        return total or None
    except (KeyError, TypeError):
        return None


def share_of(task: Recipe) -> float:
    """Which share of its training set a task of a recipe is trained on."""
    return task.get("share", {}).get("of", 1.0)


def layers(recipe: Recipe, depth: float) -> float:
    """Through how many layers of an encoder of `depth` layers go what the run reads.

    Infinite where `depth` is (it is not known yet); 1 where no encoder is run.
    """
    frozen = recipe.get("frozen_layers")
    if frozen is None:
        return 1.0
    # Frozen layers are run once for all; every other run reads what came out of them.
    return float(frozen) if recipe["stage"] == "activations" else depth - frozen


def ratio(recipe: Recipe, other: Recipe, data: Mapping[str, Prepared], depth: float) -> float:
    """How many times the work of `other` a run of `recipe` is; NaN where nobody can say.

    Where it is not known how much they read, they are taken to read alike but for their shares.
    """
    own, its = work(recipe, data), work(other, data)
    read = own / its if own and its else _shares(recipe) / _shares(other)
    if recipe.get("frozen_layers") == other.get("frozen_layers"):
        return read
    through, its_own = layers(recipe, depth), layers(other, depth)
    return read * through / its_own if 0 < its_own < math.inf else math.nan


def _shares(recipe: Recipe) -> float:
    return min((share_of(task) for task in recipe.get("tasks", [])), default=1.0)
