"""What a rule asks a scheduler for: what runs like it were measured at, else a rule's own figure.

Receipts hold peak memory and seconds. Runs are alike when whatever decides their cost is the same,
so that one finished cell of a column says what the column's other cells and seeds will need.
"""

import inspect
import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from xstilts.core.canonical import canonical
from xstilts.core.files import json_object
from xstilts.core.paths import RESULTS
from xstilts.core.receipts import NAME
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.recipes import Recipe, Run

# Of the recipe, what decides how much and how long a run computes; not what it starts from, its
# seed, or its learning rate.
COSTLY = (
    "stage", "mixture", "frozen_layers", "precision", "gpu_step", "retrieval", "keep_weights",
)  # fmt: skip
COSTLY_SETTINGS = (
    "epochs", "batch_examples", "batch_tokens", "gradient_accumulation", "evaluations",
)  # fmt: skip

# A job on a cluster is two more Snakemakes around the script, 140 MB each, which SLURM counts too.
SNAKEMAKES_MB = 300
# Nodes differ, and so do batches: room above the most that was seen.
MEMORY_ROOM, TIME_ROOM = 1.25, 1.5
# Until the script's first line, and from SLURM's warning to the end (two to three minutes).
START_MINUTES = 10
LEAST_MB = 1000

Resource = Callable[..., int]


def known_signature(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with its signature at hand, which Snakemake asks for several times a job."""
    function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return function


def grows(amount: int) -> Resource:
    """`amount` at the first attempt, twice it at the second, and so on."""

    @known_signature
    def resource(wildcards: Any, attempt: int) -> int:
        return amount * attempt

    return resource


class Measured:
    """Memory and run time of a study's training jobs, from receipts of runs like them."""

    def __init__(self, study: AnyStudy) -> None:
        """Receipts are read when the first job is asked for, and once."""
        self.study = study

    def memory(self, stage: str, megabytes: int) -> Resource:
        """The resource `mem_mb` of a rule of `stage`; `megabytes` where nothing was measured."""

        def measured(receipts: list[dict[str, Any]]) -> int | None:
            peaks = [r["peak_memory_bytes"] for r in receipts if r.get("peak_memory_bytes")]
            if not peaks:
                return None
            return max(LEAST_MB, math.ceil(max(peaks) / 2**20 * MEMORY_ROOM) + SNAKEMAKES_MB)

        return self._resource(stage, measured, megabytes)

    def runtime(self, stage: str, minutes: int) -> Resource:
        """The resource `runtime` in minutes; `minutes` where nothing was measured."""

        def measured(receipts: list[dict[str, Any]]) -> int | None:
            seconds = [r["wall_seconds"] for r in receipts if r.get("wall_seconds")]
            if not seconds:
                return None
            return math.ceil(max(seconds) / 60 * TIME_ROOM) + START_MINUTES

        return self._resource(stage, measured, minutes)

    def _resource(
        self, stage: str, measured: Callable[[list[dict[str, Any]]], int | None], unmeasured: int
    ) -> Resource:
        @known_signature
        def resource(wildcards: Any, attempt: int) -> int:
            run = self.study.runs[stage].get(wildcards.run) if self._alike else None
            alike = self._alike.get(self._key(run), []) if run else []
            return (measured(alike) or unmeasured) * attempt

        return resource

    def _key(self, run: Run) -> str:
        on_gpu = self.study.config["accelerator"] == "gpu"
        return likeness(run.recipe, run.parents["encoder"].name, on_gpu)

    @cached_property
    def _alike(self) -> dict[str, list[dict[str, Any]]]:
        """Receipts by what they are like."""
        alike: dict[str, list[dict[str, Any]]] = {}
        for receipt in _receipts():
            encoder = receipt.get("parents", {}).get("encoder", "")
            key = likeness(receipt["recipe"], encoder, receipt.get("device", "cpu") != "cpu")
            alike.setdefault(key, []).append(receipt)
        return alike


def likeness(recipe: Recipe, encoder: str, on_gpu: bool) -> str:
    """A key that two runs share if they compute as much for as long.

    Data are named by their digest, which holds sizes and maximum length.
    """
    training = recipe.get("training", {})
    parts = [(task["task"], task["data"]) for task in recipe.get("tasks", [])]
    parts += [(task["target"], task["data"]) for task in recipe.get("evaluation", [])]
    return canonical(
        {
            "encoder": encoder,
            "gpu": on_gpu,
            "data": [list(part) for part in parts],
            **{key: recipe.get(key) for key in COSTLY},
            **{key: training.get(key) for key in COSTLY_SETTINGS},
        }
    )


def _receipts() -> Iterator[dict[str, Any]]:
    """Receipts of training and retrieval runs; what cannot be read measures nothing."""
    for path in sorted((RESULTS / "runs").glob(f"*/*/{NAME}")):
        receipt = json_object(path)
        # A run that diverged ended early.
        if isinstance(receipt.get("recipe"), dict) and receipt.get("status") == "done":
            yield receipt
