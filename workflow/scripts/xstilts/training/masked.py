"""Masked language modelling beside a task: the text, the head, the loss.

Frozen layers cost nothing more for a task, as their output is computed once. Masking changes what
they read, so here they run on every batch: the job loads them besides the layers that it trains.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from xstilts.core.receipts import read_receipt
from xstilts.encoders import batching
from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.load import load_encoder
from xstilts.encoders.transfer import onto
from xstilts.encoders.words import word_rows
from xstilts.training.device import arithmetic
from xstilts.training.masking import (
    BATCHES,
    LINES,
    MASKS,
    Hidden,
    Masking,
    draw_lines,
    language_shares,
)

NAME = "masked_language_model"
# Of the loss that the receipt tells: the same tokens are hidden whatever the run's seed.
DEV_SEED = 1


class MaskedHead(nn.Module):
    """A transform and a projection onto the word embeddings, as BERT's and XLM-R's.

    The projection is tied: it is the embeddings of `vocabulary`, which are trained where the
    encoder's are and stay where these are frozen; only its bias is the head's own. The softmax runs
    over every token that the text has, not over the encoder's quarter of a million: a token that
    never occurs in the text is never right, and the only thing lost is that it is not pushed down.
    """

    def __init__(self, hidden_size: int, width: int, vocabulary: np.ndarray) -> None:
        super().__init__()
        self.transform = nn.Linear(hidden_size, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(len(vocabulary)))

    def forward(self, states: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """`states` [tokens, hidden], `embeddings` [vocabulary, width] -> [tokens, vocabulary]."""
        hidden = self.norm(functional.gelu(self.transform(states)))
        return functional.linear(hidden, embeddings, self.bias)


@dataclass(frozen=True)
class MaskedText:
    """The multilingual text of a run, to be trained on as `model.Task` is.

    Attributes:
        name: its name among the heads.
        settings: the recipe's data, ratio, masking_rate and exponent.
        train, dev: the prepared lines.
        receipt: of the prepared text.
        masking: how tokens are hidden.
        below: embeddings and frozen layers, where these are frozen; else None.
        first_layer: layers below this one are frozen.
        embeddings: those of the vocabulary where they are frozen; else None.
        seed: of the run.
    """

    name: str
    settings: dict[str, Any]
    train: Inputs
    dev: Inputs
    receipt: dict[str, Any]
    masking: Masking
    below: Any
    first_layer: int
    embeddings: torch.Tensor | None
    seed: int

    @classmethod
    def open(
        cls,
        settings: dict[str, Any],
        folder: Path,
        encoder: Path,
        first_layer: int,
        seed: int,
        device: torch.device,
    ) -> "MaskedText":
        """The prepared text in `folder`, for a run that starts from the encoder in `encoder`."""
        receipt = read_receipt(folder)
        # Tokens alone: the frozen layers' output is not at hand, and would not do.
        train, dev = (Inputs(folder, split, None, 0) for split in ("train", "dev"))
        special = np.array(receipt["special"])
        tokens = np.union1d(train.split.tokens, dev.split.tokens)
        vocabulary = np.setdiff1d(tokens, special)
        masking = Masking(settings["masking_rate"], receipt["mask"], special, vocabulary)
        below = load_encoder(encoder).to(device) if first_layer else None
        table = None
        if below is not None:
            rows = onto(vocabulary.astype(np.int64), device)
            table = word_rows(below, rows).detach()
        return cls(NAME, settings, train, dev, receipt, masking, below, first_layer, table, seed)

    def build_head(self, encoder: Any, dropout: float) -> MaskedHead:
        """A fresh head for `encoder`."""
        table = self.embeddings
        width = (encoder.get_input_embeddings().weight if table is None else table).shape[1]
        return MaskedHead(encoder.hidden_size, width, self.masking.vocabulary)

    def read_tokens(self) -> np.ndarray:
        """All tokens that training reads or that its softmax runs over: a row of each learns."""
        masking = self.masking
        return np.concatenate([masking.vocabulary, masking.special, [masking.mask]])

    def batches(self, count: int, sizes: tuple[int, int | None]) -> list[np.ndarray]:
        """`count` batches, each [lines, 2]: sequence, and the number that its mask is drawn by.

        `sizes` are the most lines and the most tokens of a batch.
        """
        names, shares = list(self.shares), np.array([*self.shares.values()])
        spoken = self.train.split.table["language"].to_pylist()
        languages = np.array([names.index(code) for code in spoken])[self.train.split.example]
        drawn = count * sizes[0]
        sequences = draw_lines(languages, shares, drawn, [self.seed, LINES])
        units = Units(np.arange(drawn), np.ones(drawn, int), self.train.lengths[sequences])
        batches = batching.epoch(units, [self.seed, BATCHES], *sizes)[:count]
        return [np.stack([sequences[batch], batch], axis=1) for batch in batches]

    @cached_property
    def shares(self) -> dict[str, float]:
        """How often each language comes that has a line to train on."""
        kept = self.receipt["rows"]["train"]
        lines = {code: count for code, count in self.receipt["lines"].items() if kept.get(code)}
        shares = language_shares([*lines.values()], self.settings["exponent"])
        return dict(zip(lines, shares.tolist(), strict=True))

    def facts(self) -> dict[str, Any]:
        """For the receipt: lines of each language, how often it came, tokens of the softmax."""
        return {
            "lines": self.receipt["rows"]["train"],
            "shares": {language: round(share, 4) for language, share in self.shares.items()},
            "vocabulary": len(self.masking.vocabulary),
        }

    def tokens(self, batch: np.ndarray) -> int:
        """Tokens of a batch, without padding."""
        return int(self.train.lengths[batch[:, 0]].sum())

    def shape(self, batch: np.ndarray) -> tuple[int, int]:
        """Sequences of a batch, and tokens of its longest."""
        lengths = self.train.lengths[batch[:, 0]]
        return len(lengths), int(lengths.max())

    def loss_terms(self, batch: np.ndarray) -> int:
        """Hidden tokens of the batch."""
        return sum(len(line.positions) for line in self._hidden(self.train, batch, self.seed))

    def loss(
        self, head: nn.Module, batch: np.ndarray, encoder: Any, device: torch.device
    ) -> torch.Tensor:
        """Mean cross-entropy over the hidden tokens of the batch."""
        return self._loss(head, self.train, batch, self.seed, encoder, device)

    @torch.inference_mode()
    def dev_loss(self, model: Any, precision: str, device: torch.device) -> float | None:
        """Mean loss (nats) over the hidden tokens of the dev lines, always the same ones.

        None if there are no dev lines.
        """
        total, count = 0.0, 0
        lines = np.arange(len(self.dev.lengths))
        if not len(lines):
            return None
        # Small batches: a hidden token has a logit for every token of the vocabulary.
        for rows in np.array_split(lines, -(-len(lines) // 32)):
            batch = np.stack([rows, rows], axis=1)
            with arithmetic(precision, device):
                loss = self._loss(
                    model.heads[self.name], self.dev, batch, DEV_SEED, model.encoder, device
                )
            hidden = sum(len(line.positions) for line in self._hidden(self.dev, batch, DEV_SEED))
            total, count = total + loss.item() * hidden, count + hidden
        return total / count

    def _hidden(self, inputs: Inputs, batch: np.ndarray, seed: int) -> list[Hidden]:
        split = inputs.split
        return [
            self.masking.hide(
                split.tokens[split.offsets[row] : split.offsets[row + 1]],
                [seed, MASKS, int(number)],
            )
            for row, number in batch
        ]

    def _loss(
        self,
        head: nn.Module,
        inputs: Inputs,
        batch: np.ndarray,
        seed: int,
        encoder: Any,
        device: torch.device,
    ) -> torch.Tensor:
        hidden = self._hidden(inputs, batch, seed)
        lengths = inputs.lengths[batch[:, 0]]
        mask = onto(np.arange(lengths.max()) < lengths[:, None], device)
        tokens = np.zeros(mask.shape, dtype=np.int64)
        for row, line in enumerate(hidden):
            tokens[row, : len(line.tokens)] = line.tokens
        states = self._states(onto(tokens, device), mask, lengths, encoder)
        rows = np.repeat(np.arange(len(hidden)), [len(line.positions) for line in hidden])
        positions = np.concatenate([line.positions for line in hidden])
        gold = np.searchsorted(self.masking.vocabulary, np.concatenate([h.gold for h in hidden]))
        hidden_tokens = states[onto(rows, device), onto(positions, device)]
        logits = head(hidden_tokens, self._projection(encoder, device)).float()
        return functional.cross_entropy(logits, onto(gold, device))

    def _states(
        self, tokens: torch.Tensor, mask: torch.Tensor, lengths: np.ndarray, encoder: Any
    ) -> torch.Tensor:
        if self.below is None:
            return encoder.run(encoder.embed(tokens, mask), mask, lengths=lengths)
        first, below = self.first_layer, self.below
        with torch.no_grad():
            embedded = below.embed(tokens, mask)
            states = below.run(embedded, mask, 0, first, lengths=lengths)
        return encoder.run(states, mask, first=first, lengths=lengths)

    def _projection(self, encoder: Any, device: torch.device) -> torch.Tensor:
        if self.embeddings is not None:
            return self.embeddings
        rows = onto(self.masking.vocabulary.astype(np.int64), device)
        return word_rows(encoder, rows)
