"""Layers that compute no padding: the tokens of a batch one after another, attention by sequence.

Everything but attention looks at a token by itself, so that padding can be left out of it.
Attention within each sequence is torch's for jagged nested tensors, which on a GPU is flash
attention with dropout (`torch.nn.attention.varlen` has none, and a mask rules flash attention out).
The states are those of the padded batch up to rounding; dropout falls on other numbers, as they are
drawn by place.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from xstilts.encoders.transfer import onto


@dataclass(frozen=True)
class Ragged:
    """Where sequences begin among tokens that lie one after another.

    Attributes:
        offsets: [sequences + 1] first token of each sequence, and the number of tokens.
        shortest, longest: tokens of a sequence; known here, so that no kernel asks the GPU.
    """

    offsets: Tensor
    shortest: int
    longest: int

    @classmethod
    def of(cls, lengths: np.ndarray, device: torch.device) -> "Ragged":
        """Sequences of these `lengths`."""
        offsets = onto(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), device)
        return cls(offsets, int(lengths.min()), int(lengths.max()))

    def attend(self, query: Tensor, key: Tensor, value: Tensor, dropout: float) -> Tensor:
        """Attention within each sequence; all [tokens, heads, width], as the result."""
        parts = (self._nested(part) for part in (query, key, value))
        mixed = functional.scaled_dot_product_attention(*parts, dropout_p=dropout)
        return mixed.transpose(1, 2).values()

    def _nested(self, values: Tensor) -> Tensor:
        return torch.nested.nested_tensor_from_jagged(
            values.contiguous(), self.offsets, min_seqlen=self.shortest, max_seqlen=self.longest
        ).transpose(1, 2)


class PackedLayers:
    """All layers of an encoder over a padded batch, without its padding."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder

    def __call__(self, hidden: Tensor, mask: Tensor, lengths: np.ndarray) -> Tensor:
        """`hidden` [batch, length, h] -> the same shape; 0 where there is padding.

        `mask` [batch, length] is not needed; `lengths` [batch] are the tokens of each sequence.
        """
        batch, length, width = hidden.shape
        positions = onto(np.flatnonzero(np.arange(length) < lengths[:, None]), hidden.device)
        ragged = Ragged.of(lengths, hidden.device)
        tokens = hidden.reshape(batch * length, width).index_select(0, positions)
        for layer in self.encoder.trained_layers():
            tokens = layer(tokens, ragged)
        padded = tokens.new_zeros(batch * length, width).index_copy(0, positions, tokens)
        return padded.view(batch, length, width)
