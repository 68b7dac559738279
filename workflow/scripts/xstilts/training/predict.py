"""From a trained model to predictions, scores and what chance would give."""

from dataclasses import dataclass
from typing import Any

import torch

from xstilts.core import termination
from xstilts.encoders import batching
from xstilts.encoders.inputs import Inputs
from xstilts.evaluation.metrics import aggregate, contributions
from xstilts.training.device import arithmetic
from xstilts.training.model import Model, Task


@dataclass(frozen=True)
class Judged:
    """What a model said of a task's English dev set.

    Attributes:
        predictions, golds: predicted and right answers.
        score: the task's primary metric, 0 to 100.
    """

    predictions: list[str]
    golds: list[str]
    score: float


class Predictor:
    """Runs a model over prepared splits."""

    def __init__(self, device: torch.device, precision: str) -> None:
        self.device, self.precision = device, precision

    @torch.inference_mode()
    def answers(
        self, model: Model, task: Task, inputs: Inputs, labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Predictions and golds of all examples, in the order of the split.

        The head is that of `task`; `labels` are the label names of the split's own task, which
        may count them differently.

        Raises:
            Interrupted: the job got SIGTERM.
        """
        head, kind = model.heads[task.name], task.kind
        units = kind.training_units(inputs)
        answers: list[Any] = [None] * len(units.first)
        for batch in batching.in_order(units):
            with arithmetic(self.precision, self.device):
                states = inputs.states(units.sequences(batch), model.encoder, self.device)
                outputs = kind.outputs(head, states, inputs, batch)
            for unit, output in zip(batch, outputs, strict=True):
                answers[unit] = output
            termination.raise_if_requested()
        return kind.predictions_and_golds(answers, inputs, task.labels, labels)

    def judge(self, model: Model, task: Task) -> Judged:
        """Answers and score on the task's English dev set."""
        predictions, golds = self.answers(model, task, task.dev, task.labels)
        parts = contributions(task.metric, predictions, golds, "en")
        return Judged(predictions, golds, aggregate(task.metric, parts))


def collapsed(task: Task, judged: Judged) -> str | None:
    """Why the run counts as diverged: one and the same answer to all of several questions."""
    answers = task.kind.distinct_answers(judged.predictions)
    if len(answers) > 1 or len(set(judged.golds)) < 2:
        return None
    return f"every dev example of {task.name} is predicted as '{answers.pop()}'"
