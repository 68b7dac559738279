"""What a run will cost: from receipts of runs like it, or else from the config's cost table.

A like run is scaled by the examples that both read; starting a process costs the same for all.
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from xstilts.commands.history import History, Label, PastRun
from xstilts.core.naming import row_and_fidelity
from xstilts.plan.recipes import Recipe, Run, is_search

# A step of training runs the network forward and backward, about three times the work of reading
# an answer off it (Kaplan et al. 2020, section 2.1).
BACKWARD = 3
# How far one run may be from the middle of its likes, besides what their spread says: other load,
# other lengths of text.
SPREAD = 1.15
# The same where only runs on other tasks tell, where few tell, and where the config's table tells.
OTHER_TASKS, FEW, TABLE = 1.6, 1.3, 2.0


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

    def __init__(self, config: dict[str, Any], history: History) -> None:
        """`history` are the runs that tell, `config` holds the table for when none does."""
        self.table = config["costs"]
        self.on_gpu = config["accelerator"] == "gpu"
        self.history = history
        self.likes: dict[tuple, list[PastRun]] = defaultdict(list)
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
        return past.stage not in ("intermediate", "target") or (
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
        encoder = run.parents["encoder"].label if "encoder" in run.parents else run.label
        close, *wider = keys(run.stage, run.label, run.recipe, encoder)
        size = work(run.recipe, self._new_data(run))
        if likes := self.likes.get(close):
            return self._from_receipts(likes, size, SPREAD)
        if (given := self._from_table(run)) is not None:
            return given
        for key in wider:
            if likes := self.likes.get(key):
                return self._from_receipts(likes, size, OTHER_TASKS)
        return UNKNOWN

    def _from_receipts(self, likes: list[PastRun], size: float | None, spread: float) -> Cost:
        start = 0.8 * min(seconds_of(past.receipt) for past in self._started(likes[0].stage))
        estimates = []
        for past in likes:
            seconds = seconds_of(past.receipt)
            own = work(past.recipe, self._old_data)
            ratio = size / own if size and own else 1.0
            estimates.append(start + (seconds - start) * ratio)
        middle = statistics.median(estimates)
        if len(estimates) < 3:
            spread *= FEW
        runs = "1 receipt" if len(estimates) == 1 else f"{len(estimates)} receipts"
        basis = f"{runs} of {'other tasks' if spread > OTHER_TASKS - 0.01 else 'this task'}"
        return Cost(middle, min(estimates) / spread, max(estimates) * spread, basis)

    def _started(self, stage: str) -> list[PastRun]:
        return [past for past in self.history.runs if past.stage == stage and self._counts(past)]

    def _from_table(self, run: Run) -> Cost | None:
        label, tasks = Label.of(run.label), self.table["tasks"]
        names = sorted(label.targets) if run.stage == "target" else [row_and_fidelity(label.row)[0]]
        given = max((tasks[name] for name in names if name in tasks), default=None)
        if run.stage not in ("intermediate", "target") or given is None:
            stage = "retrieval" if run.is_search else run.stage
            given = self.table.get(stage)
        if given is None:
            return None
        given *= _part(run.recipe, self._new_data(run))
        return Cost(given, given / TABLE, given * TABLE, "the config's table")

    def _new_data(self, run: Run) -> dict[str, Recipe]:
        inputs = run.parents.get("inputs", {}).values()
        runs = [roles["data"] for roles in inputs]
        if data := run.parents.get("data"):
            runs.append(data)
        return {data.digest: data.recipe for data in runs}

    @cached_property
    def _old_data(self) -> dict[str, Recipe]:
        return {run.digest: run.recipe for run in self.history.runs if run.stage == "data"}


def _part(recipe: Recipe, data: dict[str, Recipe]) -> float:
    """Which part of a full run's work a run at a fidelity does; its share where work is unknown."""
    tasks, training = recipe.get("tasks", []), recipe.get("training", {})
    shares = [task["share"]["of"] for task in tasks if "share" in task]
    if not shares and "steps" not in training:
        return 1.0
    plain = [{key: item for key, item in task.items() if key != "share"} for task in tasks]
    settings = {key: item for key, item in training.items() if key != "steps"}
    own, whole = work(recipe, data), work({**recipe, "tasks": plain, "training": settings}, data)
    return own / whole if own and whole else min(shares, default=1.0)


def seconds_of(receipt: dict[str, Any]) -> float:
    """Core-seconds of a finished run, or GPU-seconds where it ran on one."""
    wall, cpu = (float(receipt.get(key) or 0) for key in ("wall_seconds", "cpu_seconds"))
    return wall if receipt.get("device", "cpu") != "cpu" else cpu


def keys(stage: str, label: str, recipe: Recipe, encoder: str) -> list[tuple]:
    """What makes runs alike, the closest likeness first."""
    parts = Label.of(label)
    # At a fidelity a run does less of the same work, which its recipe says.
    task = row_and_fidelity(parts.row)[0]
    if stage == "target":
        task = "+".join(sorted(parts.targets))
    kind = "retrieval" if is_search(recipe) else stage
    if stage in ("encoder", "data"):
        encoder = ""
    how = (recipe.get(key) for key in ("frozen_layers", "precision", "gpu_step"))
    same = (kind, encoder, *how)
    return [(*same, task), same]


def examples(recipe: Recipe, split: str) -> float | None:
    """Examples of a split of prepared data, all languages together; None if it has no cap."""
    if not recipe["splits"][split] and (recipe["held_out"] or {}).get("split") != split:
        return 0.0
    limit = recipe["limits"].get(split)
    if limit is None:
        return None
    return float(limit) * len({part["language"] for part in recipe["splits"][split]} or {"en"})


def work(recipe: Recipe, data: dict[str, Recipe]) -> float | None:
    """How many examples a run reads, counted as forward passes; None if the recipe cannot say."""
    try:
        if recipe["stage"] == "data":
            return sum(_known(recipe, split) for split in recipe["splits"])
        if recipe["stage"] == "activations":
            prepared = data[recipe["data"]]
            return sum(_known(prepared, split) for split in prepared["splits"])
        total, read = 0.0, 0.0
        for task in recipe.get("tasks", []):
            prepared, training = data[task["data"]], recipe["training"]
            train, dev = (_known(prepared, split) for split in ("train", "dev"))
            read += train * task.get("share", {}).get("of", 1.0) * training["epochs"]
            total += dev * training["evaluations"]
        if (most := recipe.get("training", {}).get("steps")) is not None:
            read = min(read, most * recipe["training"]["batch_examples"])
        total += BACKWARD * read
        for target in recipe.get("evaluation", []):
            total += _known(data[target["data"]], "test")
            if is_search(recipe):
                total += _known(data[target["data"]], "dev")
        return total or None
    except (KeyError, TypeError):
        return None


def _known(recipe: Recipe, split: str) -> float:
    """As `examples`; TypeError where no cap says it."""
    count = examples(recipe, split)
    if count is None:
        raise TypeError(split)
    return count
