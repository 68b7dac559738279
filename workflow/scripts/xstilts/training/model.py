"""One encoder with a head per task."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from xstilts.core.receipts import read_receipt
from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.pooling import check_first
from xstilts.kinds import TrainedKind, trained_kind_of
from xstilts.training.masked import MaskedText
from xstilts.training.share import units_of_share


@dataclass(frozen=True)
class Task:
    """A task as a run trains on it.

    Attributes:
        name: name of the task.
        kind: its kind.
        metric: name of its primary metric.
        labels: label names that the head distinguishes.
        head: how a sequence becomes a vector.
        train, dev: its prepared English splits.
        units: what a training step cannot divide.
        chosen: numbers of the units that the run trains on: all, or a share's.
        receipt: the receipt of its prepared data.
    """

    name: str
    kind: TrainedKind
    metric: str
    labels: list[str]
    head: str
    train: Inputs
    dev: Inputs
    units: Units
    chosen: np.ndarray
    receipt: dict[str, Any]

    def build_head(self, encoder: Any, dropout: float) -> nn.Module:
        """A fresh head for `encoder`."""
        head = self.kind.build_head(encoder.hidden_size, self.labels, self.head, dropout)
        check_first(encoder, head)
        return head

    def read_tokens(self) -> np.ndarray:
        """All tokens that training reads."""
        tokens = self.train.split.tokens
        if len(self.chosen) == len(self.units.first):
            return tokens
        offsets, sequences = self.train.split.offsets, self.units.sequences(self.chosen)
        return np.concatenate([tokens[offsets[row] : offsets[row + 1]] for row in sequences])

    def tokens(self, batch: np.ndarray) -> int:
        """Tokens of a batch of training units, without padding."""
        return int(self.train.lengths[self.units.sequences(batch)].sum())

    def shape(self, batch: np.ndarray) -> tuple[int, int]:
        """Sequences of a batch, and tokens of its longest."""
        lengths = self.train.lengths[self.units.sequences(batch)]
        return len(lengths), int(lengths.max())

    def loss_terms(self, batch: np.ndarray) -> int:
        """Over how many terms the loss of a batch is the mean."""
        return self.kind.loss_terms(self.train, batch)

    def loss(
        self, head: nn.Module, batch: np.ndarray, encoder: Any, device: torch.device
    ) -> torch.Tensor:
        """Mean loss of a batch of training units."""
        states = self.train.states(self.units.sequences(batch), encoder, device)
        return self.kind.loss(head, states, self.train, batch)


def open_task(settings: dict[str, Any], folders: dict[str, str], first_layer: int) -> Task:
    """The task of a recipe's `tasks` entry, from the folders of its data and activations."""
    data = Path(folders["data"])
    activations = Path(folders["activations"]) if "activations" in folders else None
    receipt = read_receipt(data)
    kind = trained_kind_of(settings["kind"])
    train = Inputs(data, "train", activations, first_layer)
    units = kind.training_units(train)
    return Task(
        name=settings["task"],
        kind=kind,
        metric=settings["metric"],
        labels=receipt["labels"] or [],
        head=settings["head"],
        train=train,
        dev=Inputs(data, "dev", activations, first_layer),
        units=units,
        chosen=units_of_share(units, train.split, settings.get("share")),
        receipt=receipt,
    )


Trained = Task | MaskedText


class Model(nn.Module):
    """The encoder above its frozen layers, and fresh heads.

    Heads never come from an earlier stage: the reference implementation names them by task, so
    that a head of another name starts afresh (jiant's X-STILTs guide, mode `partial`).
    """

    def __init__(self, encoder: Any, tasks: Sequence[Trained], dropout: float, seed: int) -> None:
        super().__init__()
        self.encoder = encoder
        # Heads draw their start here alone, so that the order of imports cannot change them.
        torch.manual_seed(seed)
        self.heads = nn.ModuleDict({task.name: task.build_head(encoder, dropout) for task in tasks})

    def loss(self, task: Trained, batch: np.ndarray, device: torch.device) -> torch.Tensor:
        """Mean loss of a batch of the task's training units."""
        return task.loss(self.heads[task.name], batch, self.encoder, device)

    def trained(self) -> dict[str, nn.Parameter]:
        """All parameters that training changes, by name."""
        return dict(self.named_parameters())
