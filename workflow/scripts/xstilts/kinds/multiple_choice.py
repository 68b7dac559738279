"""Questions with several choices, one of them right; each choice is a sequence of its own."""

import numpy as np
import torch
from torch.nn import functional

from xstilts.core.errors import StudyError
from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs, States
from xstilts.encoders.pooling import Pooled


def units(inputs: Inputs) -> Units:
    """All choices of a question together.

    Raises:
        StudyError: questions differ in their number of choices.
    """
    first, count = np.unique(inputs.split.example, return_index=True, return_counts=True)[1:]
    if len(set(count.tolist())) > 1:
        raise StudyError("a multiple-choice task has questions with different numbers of choices.")
    return Units(first, count, np.maximum.reduceat(inputs.lengths, first))


def build_head(hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
    """One logit per choice, by the same weights for each."""
    return Pooled(hidden_size, 1, how, dropout)


def loss(head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray) -> torch.Tensor:
    """Mean cross-entropy over the choices of each question."""
    labels = inputs.column("label")[chosen]
    target = torch.from_numpy(labels.astype(np.int64)).to(states.hidden.device)
    return functional.cross_entropy(head(states).float().view(len(chosen), -1), target)


def outputs(head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray) -> list[int]:
    """Index of the likeliest choice of each question."""
    return head(states).view(len(chosen), -1).argmax(1).tolist()


def answers(
    found: list[int], inputs: Inputs, trained: list[str], labels: list[str]
) -> tuple[list[str], list[str]]:
    """Names of predicted and right choices."""
    gold = inputs.column("label")
    return [trained[index] for index in found], [labels[index] for index in gold]
