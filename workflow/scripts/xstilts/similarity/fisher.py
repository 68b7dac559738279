"""Task embeddings: diagonal Fisher information of the encoder's weights about a task.

Vu et al. (2020, TaskEmb) take the squared gradient of the loss at every weight of an encoder;
Achille et al. (2019, Task2Vec) average it over the weights of one unit (here: one output of a
linear map), which we follow: some thousand numbers instead of millions. The encoder is the
study's own, untuned; the head is `probe.fit_probe`'s; labels are the gold ones (empirical Fisher).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xstilts.encoders.inputs import States
from xstilts.similarity.labelled import Labelled
from xstilts.similarity.linear_maps import Called, backward, linear_maps
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

    Where an encoder mixes the examples of a batch in a map (queries and keys shared with relative
    positions, sequences along another axis), there is one more pass for each example.

    Returns:
        float64 [blocks, outputs]: squares of each example's own gradient, summed over the
            examples of a block. Neither batch size nor order of examples changes them.
        float64 [batches, outputs]: squares of the gradient summed over a batch, as the published
            TaskEmb code computes it: they depend on which examples share a batch.

    `outputs` are all output units of the linear maps in layers `frozen_layers` and up.
    """
    passes = _Passes(encoder, head, task, linear_maps(encoder, frozen_layers), device)
    counts = task.units.count[task.chosen]
    apart = passes.apart(task.chosen[counts == counts[0]][:2])
    blocks = np.arange(len(task.chosen)) % min(BLOCKS, len(task.chosen))
    single: Any = 0
    summed = []
    for start in range(0, len(task.chosen), batch_examples):
        units = task.chosen[start : start + batch_examples]
        own, together = passes.batch(units, apart)
        sums = np.zeros((blocks.max() + 1, own.shape[1]))
        np.add.at(sums, blocks[start : start + batch_examples], own)
        single = single + sums
        summed.append(together)
    return single, np.array(summed)


@dataclass(frozen=True)
class _Passes:
    """Backward passes of a task's loss through an encoder and a head."""

    encoder: Any
    head: nn.Module
    task: Labelled
    linear: dict[str, nn.Linear]
    device: torch.device

    def apart(self, units: np.ndarray) -> bool:
        """Whether a pass over these units tells their gradients apart: asked by numbers.

        The form of what a map is given is not enough, [length, sequences, i] can look like
        [sequences, length, i].
        """
        called, shape = self._backward(units)
        if not all(linear.apart(*shape) for linear in called):
            return False
        own = _joined([linear.squares(len(units)) for linear in called])
        alone, _ = self.batch(units, False)
        return np.allclose(own, alone, rtol=1e-2, atol=1e-4 * alone.max())

    def batch(self, units: np.ndarray, apart: bool) -> tuple[np.ndarray, np.ndarray]:
        """[units, outputs] squares of each unit's gradient; [outputs] square of their sum's."""
        called, shape = self._backward(units)
        together = _joined([linear.squares(1) for linear in called])[0]
        # Questions with more choices than others are no groups of equal size.
        equal = len(set(self.task.units.count[units].tolist())) == 1
        if apart and equal and all(linear.apart(*shape) for linear in called):
            return _joined([linear.squares(len(units)) for linear in called]), together
        alone = [self._backward(unit)[0] for unit in units[:, None]]
        own = [_joined([linear.squares(1) for linear in maps]) for maps in alone]
        return np.concatenate(own), together

    def _backward(self, units: np.ndarray) -> tuple[list[Called], tuple[int, int]]:
        """A pass over `units`, and its number of sequences and their padded length."""
        lengths = self.task.inputs.lengths[self.task.units.sequences(units)]
        return backward(self.linear, lambda: self._loss(units)), (len(lengths), lengths.max())

    def _loss(self, units: np.ndarray) -> Tensor:
        states = states_of(self.encoder, self.task, units, self.device)
        ends = np.cumsum(self.task.units.count[units]).tolist()
        losses = [
            self.task.kind.loss(self.head, _rows(states, slice(begin, end)), self.task.inputs, unit)
            for begin, end, unit in zip([0, *ends], ends, units[:, None], strict=False)
        ]
        # Summed, not averaged: a unit's gradient is then its own, however many share the pass.
        return torch.stack(losses).sum()


def _joined(squares: list[Tensor]) -> np.ndarray:
    return torch.cat(squares, 1).double().cpu().numpy()


def _rows(states: States, rows: slice) -> States:
    return States(states.hidden[rows], states.mask[rows], states.second[rows])
