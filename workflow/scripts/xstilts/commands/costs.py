"""What a run will cost: from receipts of runs like it, or else from the config's cost table.

A like run is scaled by the examples that both read and by the layers that these go through;
starting a process costs the same for all.
"""

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from xstilts.commands.history import History, Label, PastRun
from xstilts.commands.likeness import Key, keys
from xstilts.commands.work import Prepared, ratio
from xstilts.core.files import json_object
from xstilts.core.naming import row_and_fidelity
from xstilts.encoders.sources import encoder_source_of
from xstilts.encoders.sources.methods.transformers_files import depth_in
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.grid import Study
from xstilts.plan.recipes import Recipe, Run

# How far one run may be from the middle of its likes, besides what their spread says: other load,
# other lengths of text.
SPREAD = 1.15
# The same where runs with other layers frozen tell, where only runs on other tasks do, where few
# do, and where the config's table does.
OTHER_LAYERS, OTHER_TASKS, FEW, TABLE = 1.4, 1.6, 1.3, 2.0
FINE_TUNES = ("intermediate", "target")


@dataclass(frozen=True)
class Cost:
    """Seconds of one processor core, or of a GPU where the study trains on one.

    Attributes:
        seconds: the middle of what is expected.
        low, high: nine times in ten it is between these.
        basis: what the figure rests on.
    """

    seconds: float
    low: float
    high: float
    basis: str

    def times(self, share: float) -> "Cost":
        """What is left of it, where `share` of the work is."""
        return replace(
            self, seconds=self.seconds * share, low=self.low * share, high=self.high * share
        )


UNKNOWN = Cost(0.0, 0.0, 0.0, "unknown")


class Costs:
    """Costs of the runs of a study."""

    def __init__(self, study: AnyStudy, history: History) -> None:
        """`history` are the runs that tell; the study's config has the table for when none does."""
        self.table = study.config["costs"]
        self.on_gpu = study.config["accelerator"] == "gpu"
        self.encoders = {own.encoder.label: own for own in study.by_encoder.values()}
        self.depths = {label: depth_of(own) for label, own in self.encoders.items()}
        self.history = history
        self.likes: dict[Key, list[PastRun]] = defaultdict(list)
        for past in history.runs:
            if self._counts(past):
                for key in keys(past.stage, past.label, past.recipe, self._encoder(past)):
                    self.likes[key].append(past)

    def _counts(self, past: PastRun) -> bool:
        receipt = past.receipt
        training = receipt.get("training") or {}
        # A run that collapsed took its time; one whose loss was not finite ended early.
        whole = receipt.get("status") == "done" or (
            training.get("steps") and training["steps"] == training.get("planned_steps")
        )
        if not whole or not seconds_of(receipt):
            return False
        return past.stage not in FINE_TUNES or (
            (receipt.get("device", "cpu") != "cpu") == self.on_gpu
        )

    def _encoder(self, past: PastRun) -> str:
        """Readable name of the untuned encoder behind a run, by its parents as far as they go."""
        parent = self.history.by_digest.get(
            str(past.recipe.get("encoder") or past.recipe.get("parent"))
        )
        if parent is None:
            named = (past.receipt.get("parents") or {}).get("encoder", "")
            return named.rpartition("-")[0]
        return parent.label if parent.stage == "encoder" else self._encoder(parent)

    def of(self, run: Run) -> Cost:
        """The cost of `run`, by the closest runs that have a receipt."""
        encoder = run.parents.get("encoder", run).label
        same, other_layers, *other_tasks = keys(run.stage, run.label, run.recipe, encoder)
        for key, spread in ((same, SPREAD), (other_layers, OTHER_LAYERS)):
            if cost := self._from_receipts(key, run, encoder, spread):
                return cost
        if (given := self._from_table(run, encoder)) is not None:
            return given
        for key in other_tasks:
            if cost := self._from_receipts(key, run, encoder, OTHER_TASKS):
                return cost
        return UNKNOWN

    def _from_receipts(self, key: Key, run: Run, encoder: str, spread: float) -> Cost | None:
        """By the runs that are alike in `key`; None where there are none to compare with."""
        start = 0.8 * self._shortest.get(run.stage, 0.0)
        data, depth = self._data(run), self.depths.get(encoder, math.inf)
        times = [
            (seconds_of(past.receipt), ratio(run.recipe, past.recipe, data, depth))
            for past in self.likes.get(key, [])
        ]
        estimates = [
            start + (seconds - start) * more for seconds, more in times if not math.isnan(more)
        ]
        if not estimates:
            return None
        if len(estimates) < 3:
            spread *= FEW
        runs = "1 receipt" if len(estimates) == 1 else f"{len(estimates)} receipts"
        basis = f"{runs} of {key.told()}"
        middle = statistics.median(estimates)
        return Cost(middle, min(estimates) / spread, max(estimates) * spread, basis)

    @cached_property
    def _shortest(self) -> dict[str, float]:
        """By stage, the seconds of the run that took least: more than those it takes to start."""
        seconds: dict[str, float] = {}
        for past in filter(self._counts, self.history.runs):
            own = seconds_of(past.receipt)
            seconds[past.stage] = min(own, seconds.get(past.stage, own))
        return seconds

    def _from_table(self, run: Run, encoder: str) -> Cost | None:
        label, tasks = Label.of(run.label), self.table["tasks"]
        names = sorted(label.targets) if run.stage == "target" else [row_and_fidelity(label.row)[0]]
        given = max((tasks[name] for name in names if name in tasks), default=None)
        if run.stage not in FINE_TUNES or given is None:
            stage = "retrieval" if run.is_search else run.stage
            given = self.table.get(stage)
        if given is None:
            return None
        if run.stage in FINE_TUNES:
            depth = self.depths[encoder]
            # The table is of the full grid; a cheap row does a part of the work of a full one.
            full = self._full(run.recipe, encoder, depth)
            given *= ratio(run.recipe, full, self._data(run), depth)
        return Cost(given, given / TABLE, given * TABLE, "the config's table")

    def _full(self, recipe: Recipe, encoder: str, depth: float) -> Recipe:
        """What the recipe of a cheap row would say in the full grid."""
        kept = {key: value for key, value in recipe.items() if key != "training"}
        training = {
            key: value for key, value in recipe.get("training", {}).items() if key != "steps"
        }
        tasks = [
            {key: item for key, item in task.items() if key != "share"}
            for task in recipe.get("tasks", [])
        ]
        if math.isfinite(depth):
            kept["frozen_layers"] = self.encoders[encoder].config["encoder"]["frozen_layers"]
        return kept | {"training": training, "tasks": tasks}

    def _data(self, run: Run) -> dict[str, Prepared]:
        """The prepared data that `run` and those before it read, by digest."""
        runs = [roles["data"] for roles in run.parents.get("inputs", {}).values()]
        if data := run.parents.get("data"):
            runs.append(data)
        return {data.digest: Prepared(data.recipe) for data in runs} | self._old_data

    @cached_property
    def _old_data(self) -> dict[str, Prepared]:
        return {
            run.digest: Prepared(run.recipe, run.receipt.get("rows"))
            for run in self.history.runs
            if run.stage == "data"
        }


def depth_of(study: Study) -> float:
    """Layers of the study's encoder; infinite where it is to be fetched first."""
    settings = study.config["encoder"]
    depth = encoder_source_of(settings["source"]).depth(settings)
    return min(depth, depth_in(json_object(study.encoder.folder / "config.json")))


def seconds_of(receipt: dict[str, Any]) -> float:
    """Core-seconds of a finished run, or GPU-seconds where it ran on one."""
    wall, cpu = (float(receipt.get(key) or 0) for key in ("wall_seconds", "cpu_seconds"))
    return wall if receipt.get("device", "cpu") != "cpu" else cpu
