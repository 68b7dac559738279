"""From a trained model to predictions, scores and what chance would give."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from xstilts.evaluation.metrics import aggregate, contributions
from xstilts.training import batching
from xstilts.training.device import arithmetic
from xstilts.training.inputs import Inputs
from xstilts.training.model import Model, Task

SCHEMA = pa.schema(
    [
        ("target", pa.string()),
        ("language", pa.string()),
        ("example_id", pa.string()),
        ("prediction", pa.string()),
        ("gold", pa.string()),
        ("score", pa.list_(pa.float64())),
    ]
)

# Without gradients a batch may be larger than in training.
BATCH_EXAMPLES, BATCH_TOKENS = 256, 8192


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
        """
        head, kind = model.heads[task.name], task.kind
        units = kind.units(inputs)
        found: list[Any] = [None] * len(units.first)
        for batch in batching.in_order(units, BATCH_EXAMPLES, BATCH_TOKENS):
            with arithmetic(self.precision, self.device):
                states = inputs.states(units.sequences(batch), model.encoder, self.device)
                outputs = kind.outputs(head, states, inputs, batch)
            for unit, output in zip(batch, outputs, strict=True):
                found[unit] = output
        return kind.answers(found, inputs, task.labels, labels)

    def dev_score(self, model: Model, task: Task) -> float:
        """Primary metric on the task's English dev set, 0 to 100."""
        predictions, golds = self.answers(model, task, task.dev, task.labels)
        return aggregate(np.array(contributions(task.metric, predictions, golds, "en")))


def constant_answers(task: Task, golds: list[str]) -> list[str]:
    """What one would answer without reading: the commonest training label, or no answer."""
    counts = Counter(task.receipt["label_counts"].get("train", {}))
    if not counts:
        return ["" for _ in golds]
    commonest = min(counts, key=lambda label: (-counts[label], label))
    if task.kind.__name__.endswith("tagging"):
        return [" ".join([commonest] * len(gold.split())) for gold in golds]
    return [commonest for _ in golds]


def collapsed(task: Task, predictions: list[str], golds: list[str]) -> str | None:
    """Why the run counts as diverged: one and the same answer to all of several questions."""
    words = {word for text in predictions for word in (text.split(" ") if text else [""])}
    if len(words) > 1 or len(set(golds)) < 2:
        return None
    return f"every dev example of {task.name} is predicted as '{words.pop()}'"


def predictions_table(
    target: str, metric: str, inputs: Inputs, predictions: list[str], golds: list[str]
) -> pa.Table:
    """Predictions of one target in all its languages, with each example's contribution."""
    languages = inputs.split.table["language"].to_pylist()
    scores: list[Any] = [None] * len(languages)
    for language in sorted(set(languages)):
        rows = [row for row, found in enumerate(languages) if found == language]
        parts = contributions(
            metric, [predictions[row] for row in rows], [golds[row] for row in rows], language
        )
        for row, part in zip(rows, parts, strict=True):
            scores[row] = list(part)
    columns = [
        [target] * len(languages),
        languages,
        inputs.split.table["example_id"].to_pylist(),
        predictions,
        golds,
        scores,
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
