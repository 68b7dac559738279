"""Attention in float32 where everything else is bfloat16: on a processor."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

attend = functional.scaled_dot_product_attention


def float32_attention(device: str) -> AbstractContextManager[Any]:
    """Within, scaled dot-product attention under a processor's autocast computes in float32.

    The backward pass of torch's kernel takes four times as long in bfloat16 as in float32 (43 and
    186 ms a step of the demo), which costs autocast half of what it wins.
    """
    if device == "cpu" and torch.is_autocast_enabled("cpu"):
        return _Float32Attention()
    return nullcontext()


class _Float32Attention(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if func is not attend:
            return func(*args, **(kwargs or {}))
        with torch.autocast("cpu", enabled=False):
            return func(*map(_wide, args), **{key: _wide(v) for key, v in (kwargs or {}).items()})


def _wide(value: Any) -> Any:
    narrow = isinstance(value, Tensor) and value.dtype == torch.bfloat16
    return value.float() if narrow else value
