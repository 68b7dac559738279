"""A linear head on the untuned encoder, as Task2Vec's probe network has (Achille et al. 2019)."""

from typing import Any

import numpy as np
import torch
from torch import nn

from xstilts.encoders.inputs import States
from xstilts.similarity.labelled import Labelled
from xstilts.training.optimiser import AdamW, Group

STEPS, LEARNING_RATE, BATCH = 60, 1e-2, 32


def fit_probe(encoder: Any, task: Labelled, how: str, seed: int, device: torch.device) -> nn.Module:
    """The task's head, trained on the sample with the encoder held fixed.

    Full-batch Adam (AdamW without decay) for a fixed number of steps: features are computed once,
    and neither batches nor their order bear on the result beyond rounding.
    """
    torch.manual_seed(seed)
    head = task.kind.build_head(encoder.hidden_size, task.labels, how, 0.0).to(device)
    batches = []
    with torch.no_grad():
        # Ascending, so that sums are added in one order whatever order the sample came in.
        for units in np.array_split(np.sort(task.chosen), -(-len(task.chosen) // BATCH)):
            batches.append((units, states_of(encoder, task, units, device)))
    optimiser = AdamW([Group(dict(head.named_parameters()), LEARNING_RATE, decay=0.0)])
    for _ in range(STEPS):
        head.zero_grad()
        for units, states in batches:
            loss = task.kind.loss(head, states, task.inputs, units)
            (loss * len(units) / len(task.chosen)).backward()
        optimiser.step()
    return head.eval()


def states_of(encoder: Any, task: Labelled, units: np.ndarray, device: torch.device) -> States:
    """States of all sequences of `units` after the last layer."""
    return task.inputs.states(task.units.sequences(units), encoder, device)
