"""Squared gradients at the weights of an encoder's linear maps, from one backward pass.

No gradient of weights is kept: what a map was given and the gradient at what it made of that are
enough (Goodfellow 2015, Efficient per-example gradient computations).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from xstilts.core.errors import StudyError


@dataclass(frozen=True)
class Called:
    """One linear map in a pass.

    A map that several layers share, or that reads both words and relative positions (DeBERTa's
    `share_att_key`), is called several times, and its weights' gradient is the sum over all calls.

    Attributes:
        bias: whether it has one.
        inputs: what it was given, [..., i] for each call.
        gradients: of the loss at what it returned, [..., o] for each call.
    """

    bias: bool
    inputs: list[Tensor]
    gradients: list[Tensor]

    def apart(self, sequences: int, length: int) -> bool:
        """Whether each call keeps the `sequences` of a batch apart, one after another."""
        layouts = ((sequences, length), (sequences * length,))
        return all(tuple(inputs.shape[:-1]) in layouts for inputs in self.inputs)

    def squares(self, groups: int) -> Tensor:
        """[groups, o], as `squares`; the sequences are so many groups of equal size."""
        inputs, gradients = (
            torch.cat([values.reshape(groups, -1, values.shape[-1]) for values in calls], 1)
            for calls in (self.inputs, self.gradients)
        )
        return squares(inputs, gradients, self.bias)


def squares(inputs: Tensor, gradients: Tensor, bias: bool) -> Tensor:
    """Mean square, over the weights (and bias) of each output, of the gradient of each group.

    The gradient at output o's weights is the sum over positions t of g_to x_t. Where positions are
    fewer than inputs, its square is cheaper by the positions' products x_t . x_s than by itself
    (Li et al. 2022, Large language models can be strong differentially private learners).

    Args:
        inputs: [groups, positions, i], what the map was given.
        gradients: [groups, positions, o], of the loss at the map's outputs.
        bias: whether the map has one; its input is 1 everywhere.
    """
    width = inputs.shape[-1] + bias
    if inputs.shape[1] < width:
        products = inputs @ inputs.mT + float(bias)
        return ((products @ gradients) * gradients).sum(1) / width
    total = ((gradients.mT @ inputs) ** 2).sum(2)
    if bias:
        total = total + gradients.sum(1) ** 2
    return total / width


def linear_maps(encoder: Any, frozen_layers: int) -> dict[str, nn.Linear]:
    """The linear maps in layers `frozen_layers` and up, by name and in its order.

    Raises:
        StudyError: there are none.
    """
    modules = dict(getattr(encoder, "model", encoder).named_modules())
    names = {name.rpartition(".")[0] for name in encoder.parameters_from(frozen_layers)}
    linear = {name: modules[name] for name in sorted(names) if isinstance(modules[name], nn.Linear)}
    if not linear:
        raise StudyError(
            "task_embedding needs linear maps in the encoder's trained layers, and this encoder "
            "has none; leave the measure out of similarity.measures."
        )
    return linear


def backward(linear: dict[str, nn.Linear], loss: Callable[[], Tensor]) -> list[Called]:
    """One backward pass of what `loss` computes, as the maps see it; maps never called left out."""
    seen: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in linear}
    hooks = [module.register_forward_hook(_keep(seen[name])) for name, module in linear.items()]
    try:
        value = loss()
    finally:
        for hook in hooks:
            hook.remove()
    outputs = [output for calls in seen.values() for _, output in calls]
    # Zeros for a map whose output no head reads (a pooler).
    gradients = iter(torch.autograd.grad(value, outputs, materialize_grads=True))
    return [
        Called(
            linear[name].bias is not None,
            [given for given, _ in calls],
            [next(gradients) for _ in calls],
        )
        for name, calls in seen.items()
        if calls
    ]


def _keep(calls: list[tuple[Tensor, Tensor]]) -> Any:
    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        calls.append((inputs[0].detach(), output))

    return hook
