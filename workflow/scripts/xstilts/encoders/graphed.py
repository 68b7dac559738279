"""Layers as CUDA graphs: all kernels of a pass are launched at once, not one by one.

A fine-tuning step of a large encoder on short texts is bound by the launches of some two thousand
kernels and not by their arithmetic. A graph holds the kernels of one shape of batch: sequences are
padded to a multiple of `STEP` tokens, and the commonest shapes of a run have graphs of their own
(torch.cuda.make_graphed_callables), which share a pool of memory. Batches of other shapes go
through the layers one by one. `torch.compile(mode="reduce-overhead")` would do the same behind a
compilation of minutes.

Dropout follows the step in a graph as outside: a replay takes the generator's seed of the moment
(torch.cuda.CUDAGraph registers it), and a capture leaves the generator as it found it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xstilts.encoders.transfer import onto

# Tokens; the attention kernels want rows of a bias at multiples of 8.
STEP = 16
# Each holds a gradient of all layers of its own: 0.6 GB of XLM-R Large in bfloat16.
MOST_GRAPHS = 8

Shape = tuple[int, int]


def bucket(shape: Shape) -> Shape:
    """The shape of a batch of (sequences, tokens of the longest) that it is padded to."""
    rows, length = shape
    return rows, -(-length // STEP) * STEP


class GraphedLayers:
    """All layers of an encoder over a padded batch, by graphs of the commonest shapes."""

    def __init__(self, encoder: Any, bias_of: Callable[..., Tensor]) -> None:
        """`bias_of(mask, dtype)` is what is added to attention scores."""
        self.encoder, self.bias_of = encoder, bias_of
        self.graphs: dict[Shape, Callable[[Tensor, Tensor], Tensor] | None] = {}
        self.pool: Any = None

    def choose(self, shapes: Iterable[Shape]) -> None:
        """Take graphs for the commonest of these `shapes`, those of all batches of a run.

        From the whole plan and not as batches come, so that a resumed run has the same ones.
        """
        common = Counter(map(bucket, shapes)).most_common(MOST_GRAPHS)
        self.graphs = {shape: None for shape, times in common if times > 1}

    def __call__(self, hidden: Tensor, mask: Tensor, lengths: np.ndarray) -> Tensor:
        """`hidden` [batch, length, h] -> the same shape; `lengths` [batch] of the sequences."""
        length = hidden.shape[1]
        shape = bucket((len(lengths), length))
        if shape not in self.graphs:
            return self._stack()(hidden, self.bias_of(mask, hidden.dtype))
        padded = nn.functional.pad(hidden, (0, 0, 0, shape[1] - length))
        mask = onto(np.arange(shape[1]) < lengths[:, None], hidden.device)
        bias = self.bias_of(mask, hidden.dtype)
        graph = self.graphs[shape]
        if graph is None:
            graph = self.graphs[shape] = self._capture(padded, bias)
        return graph(padded, bias)[:, :length]

    def _stack(self) -> "_Stack":
        return _Stack(list(self.encoder.trained_layers()), self.encoder.layer_parameters())

    def _capture(self, hidden: Tensor, bias: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
        """A graph for batches of the shapes of `hidden` and `bias`."""
        device = hidden.device
        if self.pool is None:
            self.pool = torch.cuda.graph_pool_handle()
        generator = torch.cuda.get_rng_state(device)
        samples = hidden.detach().clone().requires_grad_(hidden.requires_grad), bias.clone()
        # Casts may not be kept from one pass to the next: a graph would keep those of its capture.
        with torch.autocast(
            device.type,
            dtype=torch.bfloat16,
            enabled=torch.is_autocast_enabled(device.type),
            cache_enabled=False,
        ):
            graph = torch.cuda.make_graphed_callables(self._stack(), samples, pool=self.pool)
        torch.cuda.set_rng_state(generator, device)
        return graph


class _Stack(nn.Module):
    """Layers one after another, with exactly those parameters that they compute with."""

    def __init__(self, layers: list[nn.Module], parameters: list[nn.Parameter]) -> None:
        super().__init__()
        # In a tuple they are no submodules, some of whose parameters others stand for.
        self.layers = tuple(layers)
        self.used = nn.ParameterList(parameters)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """`hidden` [batch, length, h] -> the same shape; `bias` [batch, 1, 1, length]."""
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return hidden
