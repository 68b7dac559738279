"""Sequences of a prepared split, as the first trained layer sees them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.core.errors import StudyError
from xstilts.core.receipts import read_receipt
from xstilts.data.store import Split, open_split
from xstilts.encoders.transfer import onto


@dataclass(frozen=True)
class States:
    """A batch of padded sequences.

    Attributes:
        hidden: [batch, length, hidden size].
        mask: [batch, length], true where there is a token.
        second: [batch], where each sequence's second segment begins; 0 if it has one segment.
    """

    hidden: torch.Tensor
    mask: torch.Tensor
    second: torch.Tensor


class Inputs:
    """One prepared split with, where lower layers are frozen, what those layers gave for it.

    Attributes:
        split: the tokenised examples.
        lengths: tokens of each sequence.
        first_layer: layers below this one are frozen, and their output is read, not computed.
    """

    def __init__(self, data: Path, name: str, activations: Path | None, first_layer: int) -> None:
        """Open split `name` of the prepared task in `data`.

        Raises:
            StudyError: activations and tokens do not belong together, or layers are frozen and
                there are no activations.
        """
        if first_layer and activations is None:
            raise StudyError(
                f"the lower {first_layer} layers are frozen, but what they give for {data} is not "
                "at hand: run compute_activations for it first."
            )
        self.split: Split = open_split(data / f"{name}.arrow")
        self.lengths = np.diff(self.split.offsets)
        self.first_layer = first_layer
        self._second_type = read_receipt(data).get("second_type", 0)
        self._cached = None
        self._columns: dict[str, np.ndarray] = {}
        if activations is not None:
            self._cached = np.load(activations / f"{name}.npy", mmap_mode="r")
            if len(self._cached) != len(self.split.tokens):
                raise StudyError(
                    f"{activations} does not fit {data}: delete both folders and run again."
                )

    def states(
        self,
        sequences: np.ndarray,
        encoder: Any,
        device: torch.device,
        layer: int | None = None,
    ) -> States:
        """The padded batch of `sequences` (indices) after layer `layer`, counted from 1.

        None is the last layer.
        """
        mask = self._mask(sequences, device)
        second = onto(self.split.second[sequences].astype(np.int64), device)
        below = self._below(sequences, mask, encoder, device)
        lengths = self.lengths[sequences]
        hidden = encoder.run(below, mask, first=self.first_layer, last=layer, lengths=lengths)
        return States(hidden, mask, second)

    def all_states(
        self, sequences: np.ndarray, encoder: Any, device: torch.device
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Output of every layer that is not frozen, each [batch, length, h], and the mask."""
        mask = self._mask(sequences, device)
        below = self._below(sequences, mask, encoder, device)
        lengths, first = self.lengths[sequences], self.first_layer
        return encoder.run(below, mask, first=first, all_layers=True, lengths=lengths), mask

    def lowest(
        self, sequences: np.ndarray, encoder: Any, layers: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Output of the first `layers` layers for `sequences`, and the mask of real tokens."""
        mask = self._mask(sequences, torch.device("cpu"))
        below = self._below(sequences, mask, encoder, torch.device("cpu"))
        return encoder.run(below, mask, first=0, last=layers), mask

    def _mask(self, sequences: np.ndarray, device: torch.device) -> torch.Tensor:
        lengths = self.lengths[sequences]
        return onto(np.arange(lengths.max()) < lengths[:, None], device)

    def column(self, name: str) -> np.ndarray:
        """The values of a prepared column, lists joined end to end; read once."""
        if name not in self._columns:
            values = self.split.table[name].combine_chunks()
            while hasattr(values, "flatten") and values.type.num_fields:
                values = values.flatten()
            self._columns[name] = values.to_numpy(zero_copy_only=False)
        return self._columns[name]

    def _below(
        self, sequences: np.ndarray, mask: torch.Tensor, encoder: Any, device: torch.device
    ) -> torch.Tensor:
        offsets = self.split.offsets
        source = self.split.tokens if self._cached is None else self._cached
        shape = (*mask.shape, *source.shape[1:])
        padded = np.zeros(shape, dtype=np.int64 if self._cached is None else np.float32)
        for row, sequence in enumerate(sequences):
            begin, end = offsets[sequence], offsets[sequence + 1]
            padded[row, : end - begin] = source[begin:end]
        batch = onto(padded, device)
        if self._cached is not None:
            return batch
        return encoder.embed(batch, mask, self._token_types(sequences, mask))

    def _token_types(self, sequences: np.ndarray, mask: torch.Tensor) -> torch.Tensor | None:
        """Which tokens belong to the second segment, for encoders that are told so (BERT)."""
        if not self._second_type:
            return None
        second = onto(self.split.second[sequences], mask.device)[:, None]
        positions = torch.arange(mask.shape[1], device=mask.device)
        return ((second > 0) & (positions >= second)).long() * self._second_type
