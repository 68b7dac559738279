"""The training loop: one for every kind of task, one task or several.

The plan of a run (which batch of which task at which step) is drawn before the first step from
the recipe's seed, so that a run resumes from a step number and the state of the optimiser.
"""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.core import termination
from xstilts.core.draws import derived_seed
from xstilts.core.progress import Teller
from xstilts.encoders import batching
from xstilts.training import checkpoint, mixture
from xstilts.training.gradient import put_gradient
from xstilts.training.masked import MaskedText
from xstilts.training.masking import TURNS
from xstilts.training.model import Model, Task, Trained
from xstilts.training.optimiser import AdamW, groups, learning_rate_at
from xstilts.training.predict import Judged
from xstilts.training.ways import stack_layers, unstack_layers, update_of

Step = tuple[int, np.ndarray]

# Purposes of random draws, so that no two share a stream.
ORDER, TASKS = 1, 2


@dataclass
class Progress:
    """What a run has gone through; plain numbers, so that a checkpoint can hold it."""

    step: int = 0
    best_score: float = -math.inf
    best_step: int = 0
    since_best: int = 0
    tokens: int = 0
    losses: list[float] = field(default_factory=list)
    scores: list[dict[str, float]] = field(default_factory=list)
    diverged: str | None = None


def plan(tasks: list[Task], settings: dict[str, Any], rules: dict | None, seed: int) -> list[Step]:
    """Task and batch of every step.

    One task: `epochs` passes. Several: as many steps as `epochs` passes over all of them take,
    each step's task drawn by the rules of the mixture. `steps` of the settings is the most.
    """
    sizes = (settings["batch_examples"], settings["batch_tokens"])
    units = [task.units.only(task.chosen) for task in tasks]
    streams = [
        batching.passes(task_units, [seed, ORDER, number], *sizes)
        for number, task_units in enumerate(units)
    ]
    per_pass = [
        len(batching.epoch(task_units, [seed, ORDER, number, 0], *sizes))
        for number, task_units in enumerate(units)
    ]
    steps = max(1, round(settings["epochs"] * sum(per_pass)))
    steps = min(steps, settings.get("steps", steps))
    order = np.zeros(steps, dtype=int)
    if rules:
        examples = [len(task_units.first) for task_units in units]
        chances = mixture.probabilities(examples, **rules)
        order = mixture.draw(chances, steps, [seed, TASKS])
    return [(int(number), tasks[number].chosen[next(streams[number])]) for number in order]


def interleaved(
    steps: list[Step], number: int, text: MaskedText, settings: dict[str, Any], seed: int
) -> list[Step]:
    """`steps` with batches of masked text, as task `number`, at random places between them."""
    count = max(1, round(text.settings["ratio"] * len(steps)))
    batches = text.batches(count, (settings["batch_examples"], settings["batch_tokens"]))
    turns = np.random.default_rng([seed, TURNS]).permutation(len(steps) + count) < count
    own, other = iter(steps), iter(batches)
    return [(number, next(other)) if turn else next(own) for turn in turns]


class Training:
    """One run from its first step to its best weights."""

    def __init__(
        self,
        model: Model,
        tasks: list[Task],
        recipe: dict[str, Any],
        evaluate: Callable[[Model, Task], Judged],
        scratch: Path,
        device: torch.device,
        checkpoint_seconds: float,
        text: MaskedText | None = None,
    ) -> None:
        """`text` is trained on besides `tasks`; the tasks alone are evaluated.

        After `run`, `judged_best` holds what `evaluate` said of the weights that were kept, by
        task; nothing where a run resumes after that evaluation.
        """
        self.model, self.judged, self.evaluate = model, tasks, evaluate
        self.tasks: list[Trained] = [*tasks, *([text] if text else [])]
        self.settings, self.precision = recipe["training"], recipe["precision"]
        self.seed = recipe["seed"]
        self.scratch, self.device = scratch, device
        self.checkpoint_seconds = checkpoint_seconds
        self.steps = plan(tasks, self.settings, recipe.get("mixture"), self.seed)
        if text:
            self.steps = interleaved(self.steps, len(tasks), text, self.settings, self.seed)
        self.warmup = round(self.settings["warmup_share"] * len(self.steps))
        count = self.settings["evaluations"]
        self.evaluated = {round(len(self.steps) * n / count) for n in range(1, count + 1)}
        self.optimiser = AdamW(groups(model, self.settings))
        self.weights = model.trained()
        shapes = (self.tasks[number].shape(batch) for number, batch in self.steps)
        stack_layers(model.encoder, recipe, shapes, device)
        self.update = update_of(recipe, model, self.optimiser)
        # Loss and norm of steps that were not looked at yet, and their tokens.
        self.unread: list[tuple[torch.Tensor, int]] = []
        self.progress = Progress()
        self.best: dict[str, torch.Tensor] = {}
        self.judged_best: dict[str, Judged] = {}
        self.long = False
        self.teller = Teller(scratch, len(self.steps))

    def run(self) -> dict[str, Any]:
        """Train to the end and leave the best weights in the model; the facts for the receipt.

        Raises:
            Interrupted: the job got SIGTERM; a checkpoint is written.
        """
        self._resume()
        termination.save_before_exit(self._save)
        saved = time.monotonic()
        self.model.train()
        try:
            while not self._finished():
                if self._evaluation_due():
                    self._evaluate()
                else:
                    self._step()
                self._tell()
                if time.monotonic() - saved > self.checkpoint_seconds:
                    self._save()
                    saved = time.monotonic()
                termination.raise_if_requested()
        finally:
            self.teller.end()
        self._restore(self.best)
        self.update.release()
        unstack_layers(self.model.encoder)
        self.model.eval()
        # What follows (dev scores, predictions in all languages) can take long as well. A run
        # that was too short for any checkpoint is not worth one now.
        if self.long:
            self._save()
        return self._summary()

    def _tell(self) -> None:
        progress = self.progress
        score = progress.scores[-1]["mean"] if progress.scores else None
        self.teller.tell(progress.step, progress.tokens, progress.losses, score)

    def _finished(self) -> bool:
        if self.progress.diverged is not None:
            return True
        if self._evaluation_due():
            return False
        patience = self.settings["patience"]
        tired = patience is not None and self.progress.since_best >= patience
        return tired or self.progress.step == len(self.steps)

    def _evaluation_due(self) -> bool:
        """Whether the step just made is one to evaluate after, and that is still to be done.

        A turn of its own, so that a job which is told to end need not come to its end first.
        """
        progress = self.progress
        evaluated = progress.scores[-1]["step"] if progress.scores else 0
        return progress.step in self.evaluated and progress.step != evaluated

    def _step(self) -> None:
        progress, settings = self.progress, self.settings
        number, batch = self.steps[progress.step]
        task = self.tasks[number]
        # Dropout follows the step, not what was drawn before it: a resumed run draws the same.
        # Hashed, since torch's generator on the CPU takes the lower 32 bits of a seed alone.
        torch.manual_seed(derived_seed(self.seed, "dropout", progress.step))
        parts, update = settings.get("gradient_accumulation", 1), self.update
        update.clear()
        loss = put_gradient(
            self.model, task, batch, parts, self.precision, self.device, update.gather
        )
        seen = update.step(loss, learning_rate_at(progress.step, len(self.steps), self.warmup))
        self.unread.append((seen, task.tokens(batch)))
        progress.step += 1
        if len(self.unread) == update.reads_every or self._ends_a_stretch():
            self._read()

    def _ends_a_stretch(self) -> bool:
        """Whether what follows must not follow a step that diverged."""
        step = self.progress.step
        return step in self.evaluated or step == len(self.steps)

    def _read(self) -> None:
        """Look at losses and norms; a run that diverged ends as of the step before it did."""
        progress, unread = self.progress, self.unread
        if not unread:
            return
        self.unread = []
        step = progress.step - len(unread)
        numbers = torch.stack([seen for seen, _ in unread]).tolist()
        for (value, slope), (_, tokens) in zip(numbers, unread, strict=True):
            if not (math.isfinite(value) and math.isfinite(slope)):
                what = f"the loss was {value}, the norm of its gradient {slope}"
                progress.diverged = f"{what}, at step {step + 1}"
                progress.step = step
                return
            progress.losses.append(round(value, 6))
            progress.tokens += tokens
            step += 1

    def _evaluate(self) -> None:
        progress = self.progress
        self.model.eval()
        judged = {task.name: self.evaluate(self.model, task) for task in self.judged}
        scores = {name: result.score for name, result in judged.items()}
        mean = sum(scores.values()) / len(scores)
        progress.scores.append({"step": progress.step, "mean": mean, **scores})
        progress.since_best += 1
        # The first of equal scores stays: the shorter training.
        if mean > progress.best_score:
            progress.best_score, progress.best_step = mean, progress.step
            progress.since_best = 0
            self.judged_best = judged
            self.best = {name: tensor.detach().clone() for name, tensor in self.weights.items()}
        self.model.train()

    def _restore(self, tensors: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.weights.items():
                if name in tensors:
                    parameter.copy_(tensors[name])
        self.update.refresh()

    def _save(self) -> None:
        self.long = True
        self._read()
        parts = {
            "now": self.weights,
            "best": self.best,
            "moment": self.optimiser.moments,
        }
        tensors = {
            f"{part}/{name}": value.detach().cpu().contiguous()
            for part, values in parts.items()
            for name, value in values.items()
        }
        checkpoint.save(self.scratch, tensors, asdict(self.progress))

    def _resume(self) -> None:
        saved = checkpoint.load(self.scratch)
        if saved is None:
            return
        self.long = True
        tensors, state = saved
        parts: dict[str, dict[str, torch.Tensor]] = {"now": {}, "best": {}, "moment": {}}
        for name, value in tensors.items():
            part, _, rest = name.partition("/")
            # Copied out of the file: sums repeat bit for bit in memory of torch's own alignment.
            parts[part][rest] = value.to(self.device, copy=True)
        self._restore(parts["now"])
        self.best = parts["best"]
        self.optimiser.moments = parts["moment"]
        self.progress = Progress(**state)

    def _summary(self) -> dict[str, Any]:
        progress = self.progress
        counted = Counter(self.tasks[number].name for number, _ in self.steps[: progress.step])
        examples: Counter[str] = Counter()
        for number, batch in self.steps[: progress.step]:
            examples[self.tasks[number].name] += len(batch)
        # Losses of words to be found are of another size than those of a task.
        pairs = zip(progress.losses, self.steps, strict=False)
        losses = [loss for loss, (number, _) in pairs if number < len(self.judged)]
        tenth = max(1, len(losses) // 10)
        return {
            "steps": progress.step,
            "planned_steps": len(self.steps),
            "steps_by_task": dict(sorted(counted.items())),
            "examples_by_task": dict(sorted(examples.items())),
            "tokens": progress.tokens,
            "loss_first": _mean(losses[:tenth]),
            "loss_last": _mean(losses[-tenth:]),
            "dev_scores": progress.scores,
            "best_step": progress.best_step,
            "diverged": progress.diverged,
        }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
