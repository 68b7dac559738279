"""The gradient of a batch: at once, or in parts where memory cannot hold a whole batch."""

from collections.abc import Callable

import numpy as np
import torch

from xstilts.training.device import arithmetic
from xstilts.training.model import Model, Trained


def put_gradient(
    model: Model,
    task: Trained,
    batch: np.ndarray,
    parts: int,
    precision: str,
    device: torch.device,
    gather: Callable[[], None] = lambda: None,
) -> torch.Tensor:
    """Leave the gradient of the batch's mean loss in the parameters of `model`; returns that loss.

    In several parts, each counts by its share of the terms that the loss is the mean of, so that
    the sum is the gradient of the whole batch (not the mean of the parts' means, which is another
    loss wherever parts differ in their number of words). `gather` is called after each part.
    """
    model.zero_grad(set_to_none=True)
    pieces = np.array_split(batch, min(parts, len(batch)))
    if len(pieces) == 1:
        return _backward(model, task, batch, 1.0, precision, device, gather)
    terms = [task.loss_terms(piece) for piece in pieces]
    whole = max(1, sum(terms))
    return torch.stack(
        [
            _backward(model, task, piece, count / whole, precision, device, gather)
            for piece, count in zip(pieces, terms, strict=True)
        ]
    ).sum()


def _backward(
    model: Model,
    task: Trained,
    batch: np.ndarray,
    share: float,
    precision: str,
    device: torch.device,
    gather: Callable[[], None],
) -> torch.Tensor:
    with arithmetic(precision, device):
        loss = model.loss(task, batch, device)
    loss = loss if share == 1.0 else loss * share
    loss.backward()
    gather()
    return loss.detach()
