"""Task embeddings: diagonal Fisher information of the encoder's weights about a task.

Vu et al. (2020, TaskEmb) take the squared gradient of the loss at every weight of an encoder;
Achille et al. (2019, Task2Vec) average it over the weights of one unit (here: one output of a
linear map), which we follow: some thousand numbers instead of millions. The encoder is the
study's own, untuned; the head is `probe.fit_probe`'s; labels are the gold ones (empirical Fisher).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xstilts.core.errors import StudyError
from xstilts.encoders.inputs import States
from xstilts.similarity.labelled import Labelled
from xstilts.similarity.probe import states_of

BLOCKS = 16


def fisher_information(
    encoder: Any,
    head: nn.Module,
    task: Labelled,
    frozen_layers: int,
    batch_examples: int,
    device: torch.device,
) -> tuple[np.ndarray, np.ndarray]:
    """Two task embeddings, as sums over blocks of examples, from one backward pass per batch.

    Returns:
        float64 [blocks, outputs]: squares of each example's own gradient, summed over the
            examples of a block. Neither batch size nor order of examples changes them.
        float64 [batches, outputs]: squares of the gradient summed over a batch, as the published
            TaskEmb code computes it: they depend on which examples share a batch.

    `outputs` are all output units of the linear maps in layers `frozen_layers` and up.
    """
    linear = _linear_maps(encoder, frozen_layers)
    blocks = np.arange(len(task.chosen)) % min(BLOCKS, len(task.chosen))
    single: Any = 0
    summed = []
    for start in range(0, len(task.chosen), batch_examples):
        units = task.chosen[start : start + batch_examples]
        own, together = _batch(encoder, head, task, units, linear, device)
        sums = np.zeros((blocks.max() + 1, own.shape[1]))
        np.add.at(sums, blocks[start : start + batch_examples], own)
        single = single + sums
        summed.append(together)
    return single, np.array(summed)


def _linear_maps(encoder: Any, frozen_layers: int) -> dict[str, nn.Linear]:
    modules = dict(getattr(encoder, "model", encoder).named_modules())
    names = [name.rpartition(".")[0] for name in encoder.parameters_from(frozen_layers)]
    found = {name: modules[name] for name in sorted(set(names))}
    linear = {name: one for name, one in found.items() if isinstance(one, nn.Linear)}
    if not linear:
        raise StudyError(
            "task_embedding needs linear maps in the encoder's trained layers, and this encoder "
            "has none; leave the measure out of similarity.measures."
        )
    return linear


def _batch(
    encoder: Any,
    head: nn.Module,
    task: Labelled,
    units: np.ndarray,
    linear: dict[str, nn.Linear],
    device: torch.device,
) -> tuple[np.ndarray, np.ndarray]:
    """[units, outputs] squares of each unit's gradient; [outputs] square of their sum's."""
    seen: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in linear}
    hooks = [module.register_forward_hook(_keep(seen[name])) for name, module in linear.items()]
    try:
        states = states_of(encoder, task, units, device)
    finally:
        for hook in hooks:
            hook.remove()
    size = len(states.mask) // len(units)
    losses = [
        task.kind.loss(head, _rows(states, slice(i * size, (i + 1) * size)), task.inputs, one)
        for i, one in enumerate(units[:, None])
    ]
    # Summed, not averaged: a unit's gradient is then its own, however many share the pass.
    outputs = [output for calls in seen.values() for _, output in calls]
    # Zeros for a map whose output no head reads (a pooler).
    gradients = iter(
        torch.autograd.grad(torch.stack(losses).sum(), outputs, materialize_grads=True)
    )
    own, together = [], []
    for calls in filter(None, seen.values()):
        # A map that several layers share is called as often; its weights' gradient is the sum.
        inputs = torch.cat([given for given, _ in calls], 1)
        gradient = torch.cat([next(gradients) for _ in calls], 1)
        own.append(_squares(inputs, gradient, len(units)))
        together.append(_squares(inputs, gradient, 1)[0])
    return torch.cat(own, 1).double().cpu().numpy(), torch.cat(together).double().cpu().numpy()


def _keep(calls: list[tuple[Tensor, Tensor]]) -> Any:
    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        calls.append((inputs[0].detach(), output))

    return hook


def _squares(inputs: Tensor, gradient: Tensor, groups: int) -> Tensor:
    """Mean square, over the weights and bias of each output, of the gradient of each group.

    The gradient at output o's weights is the sum over positions t of g_to x_t. Where positions are
    fewer than inputs, its square is cheaper by the positions' products x_t . x_s than by itself
    (Li et al. 2022, Large language models can be strong differentially private learners).

    Args:
        inputs: [sequences, length, i], what the map was given.
        gradient: [sequences, length, o], of the loss at the map's outputs.
        groups: sequences are so many groups of equal size.
    """
    width = inputs.shape[-1] + 1
    inputs = inputs.reshape(groups, -1, inputs.shape[-1])
    gradient = gradient.reshape(groups, -1, gradient.shape[-1])
    if inputs.shape[1] < width:
        products = inputs @ inputs.mT + 1  # the bias' input is 1
        return ((products @ gradient) * gradient).sum(1) / width
    weights = gradient.mT @ inputs
    return ((weights**2).sum(2) + gradient.sum(1) ** 2) / width


def _rows(states: States, rows: slice) -> States:
    return States(states.hidden[rows], states.mask[rows], states.second[rows])
