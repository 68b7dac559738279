"""What a lean step computes with in place of the trained weights, which stay float32.

Autocast casts every weight in every forward pass, and its gradient back: a third of the kernels of
a step. Here linear layers compute with bfloat16 copies that are written after the optimiser's step,
all at once; autocast lets them pass as they are, so that the arithmetic is the same. Query, key and
value of an encoder of our own are one matrix, of which its three parts are rows.

Outside of training nothing of this is seen: names, checkpoints and files hold the float32 weights.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from xstilts.encoders.bert import Encoder


@dataclass(frozen=True)
class _Part:
    """A trained weight, and the rows of a leaf of the graph that stand for it."""

    weight: nn.Parameter
    leaf: nn.Parameter
    rows: slice

    def gradient(self) -> Tensor | None:
        return None if self.leaf.grad is None else self.leaf.grad[self.rows]


class LeanWeights:
    """Leaves that a model computes with instead of some of its weights.

    Attributes:
        narrow: whether they are bfloat16 copies; else they share the memory of the weights.
    """

    def __init__(self, model: nn.Module, narrow: bool) -> None:
        """Put leaves into `model`, until `release`.

        Args:
            model: with an `encoder`; its weights are float32.
            narrow: whether linear layers run in bfloat16 (autocast).
        """
        self.narrow = narrow
        self.parts: list[_Part] = []
        self._undo: list[Callable[[], None]] = []
        encoder = model.encoder
        if isinstance(encoder, Encoder):
            for attention in encoder.self_attentions():
                self._join(attention)
        if narrow:
            self._copy_others(model)

    def _join(self, attention: nn.Module) -> None:
        joined = []
        parts = attention.projections
        for weights in ([part.weight for part in parts], [part.bias for part in parts]):
            whole = torch.cat([weight.detach() for weight in weights])
            leaf = nn.Parameter(whole.to(torch.bfloat16) if self.narrow else whole)
            self._stand_in(weights, leaf)
            joined.append(leaf)
        attention.joined = tuple(joined)
        self._undo.append(partial(setattr, attention, "joined", None))

    def _stand_in(self, weights: list[nn.Parameter], leaf: nn.Parameter) -> None:
        """Let `leaf` stand for `weights`, which are its rows one after another."""
        begin = 0
        for weight in weights:
            rows = slice(begin, begin + len(weight))
            begin += len(weight)
            self.parts.append(_Part(weight, leaf, rows))
            if not self.narrow:
                # What the optimiser does to the part, it does to the whole.
                weight.data = leaf.detach()[rows]
                self._undo.append(partial(_put_apart, weight))

    def _copy_others(self, model: nn.Module) -> None:
        taken = {id(part.weight) for part in self.parts}
        # A weight that something else reads too (an embedding tied to a projection) stays float32.
        elsewhere = {
            id(parameter)
            for module in model.modules()
            if not isinstance(module, nn.Linear)
            for parameter in module.parameters(recurse=False)
        }
        for module in model.modules():
            if not isinstance(module, nn.Linear):
                continue
            for name, weight in list(module.named_parameters(recurse=False)):
                if id(weight) in taken | elsewhere or not weight.requires_grad:
                    continue
                taken.add(id(weight))
                leaf = nn.Parameter(weight.detach().to(torch.bfloat16))
                self.parts.append(_Part(weight, leaf, slice(None)))
                setattr(module, name, leaf)
                self._undo.append(partial(setattr, module, name, weight))

    def clear(self) -> None:
        """Forget all gradients."""
        for part in self.parts:
            part.weight.grad = part.leaf.grad = None

    @torch.no_grad()
    def gather(self) -> None:
        """Move the gradients of the leaves to the weights, added to those that are there."""
        parts = [part for part in self.parts if part.leaf.grad is not None]
        gradients = [part.gradient() for part in parts]
        if self.narrow:
            _add(parts, gradients)
            for part in parts:
                part.leaf.grad = None
            return
        for part, gradient in zip(parts, gradients, strict=True):
            part.weight.grad = gradient

    @torch.no_grad()
    def refresh(self) -> None:
        """Write the weights into their copies."""
        if self.narrow and self.parts:
            copies = [part.leaf.detach()[part.rows] for part in self.parts]
            torch._foreach_copy_(copies, [part.weight.detach() for part in self.parts])

    def release(self) -> None:
        """Give `model` its own weights back."""
        self.clear()
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self.parts.clear()


def _put_apart(weight: nn.Parameter) -> None:
    """Give a weight that is part of a larger tensor memory of its own."""
    weight.data = weight.detach().clone()


def _add(parts: Iterable[_Part], gradients: list[Tensor | None]) -> None:
    """Add bfloat16 gradients to float32 ones; the first pass of a step only casts them."""
    fresh = [(part, gradient) for part, gradient in zip(parts, gradients, strict=True)
             if part.weight.grad is None]  # fmt: skip
    for part, gradient in zip(parts, gradients, strict=True):
        if part.weight.grad is not None:
            part.weight.grad.add_(gradient)
    if fresh:
        for part, _ in fresh:
            part.weight.grad = torch.empty_like(part.weight)
        torch._foreach_copy_(
            [part.weight.grad for part, _ in fresh], [gradient for _, gradient in fresh]
        )
