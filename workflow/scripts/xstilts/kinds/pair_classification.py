"""Sentence pairs with one label (NLI, paraphrase)."""

import numpy as np
import torch
from torch.nn import functional

from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs, States
from xstilts.encoders.pooling import Pooled


def units(inputs: Inputs) -> Units:
    """Each pair is one sequence."""
    count = len(inputs.lengths)
    return Units(np.arange(count), np.ones(count, dtype=int), inputs.lengths)


def build_head(hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
    """One logit per label."""
    return Pooled(hidden_size, len(labels), how, dropout)


def loss(head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray) -> torch.Tensor:
    """Mean cross-entropy over the pairs."""
    labels = inputs.column("label")[chosen]
    target = torch.from_numpy(labels.astype(np.int64)).to(states.hidden.device)
    return functional.cross_entropy(head(states).float(), target)


def outputs(head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray) -> list[int]:
    """Index of the likeliest label of each pair."""
    return head(states).argmax(1).tolist()


def answers(
    found: list[int], inputs: Inputs, trained: list[str], labels: list[str]
) -> tuple[list[str], list[str]]:
    """Names of predicted (among the `trained` labels) and gold labels."""
    gold = inputs.column("label")
    return [trained[index] for index in found], [labels[index] for index in gold]
