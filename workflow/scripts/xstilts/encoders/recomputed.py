"""Layers that keep only their input, and are computed again in the backward pass.

Activation checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"): a
third more arithmetic, and memory for one layer's activations instead of all layers'. Dropout draws
the same numbers again, so that the gradient is the same.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from torch import Tensor, nn

from xstilts.encoders.attention import float32_attention


def recomputed(layer: nn.Module, *inputs: Tensor | None) -> Tensor:
    """`layer(*inputs)`."""
    from torch.utils.checkpoint import checkpoint

    return checkpoint(layer, *inputs, use_reentrant=False)


def settings(device: str) -> dict[str, Any]:
    """What a model of transformers is told, whose attention is chosen around the whole of it."""
    return {"use_reentrant": False, "context_fn": partial(_contexts, device)}


def _contexts(device: str) -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    """Around the first pass, and around the second."""
    return nullcontext(), float32_attention(device)
