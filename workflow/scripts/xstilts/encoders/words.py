"""Word embeddings of which a run trains only those that its training text holds.

A row of the table that no training text asks for gets no gradient, so that AdamW's moments for it
stay 0 and its only motion is weight decay. Such rows are left out of training: of a quarter of a
million rows an English training set asks for some thousand, and gradient, moments, clipping and
optimiser step of all others are the dearest part of a step of a small encoder (measured: 2.3 times
as fast on a processor; 11 of 26 GB of memory traffic per step for XLM-R Large).

Rows that are asked for move as torch's AdamW moves them in the whole table. The others stay as
they came, without decay: nothing was learned about them, and the languages that a target is
predicted in are made of them. Decay would have shrunk them by half the peak learning rate times
decay times steps, 0.2 % in the longest run of the paper.
"""

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

# What stands where a batch is padded (`inputs.Inputs`, `masked.MaskedText`).
PADDED_WITH = 0


class TrainedWords(nn.Module):
    """A table of word embeddings that learns the rows of `tokens`; the other rows stay.

    In training mode it looks up the learned rows alone, in evaluation mode the whole table, into
    which `eval` puts them back. Its parameter has the name of the whole table's.

    Attributes:
        weight: [tokens, width], what is learned.
        tokens: [tokens] ascending, whose rows these are.
    """

    def __init__(self, whole: nn.Embedding, tokens: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(whole.weight.detach()[tokens])
        row_of = torch.full((whole.num_embeddings,), -1, device=tokens.device)
        row_of[tokens] = torch.arange(len(tokens), device=tokens.device)
        # Of no checkpoint and no weights file: both follow from the training text.
        self.register_buffer("tokens", tokens, persistent=False)
        self.register_buffer("place", row_of, persistent=False)
        whole.weight.requires_grad_(False)
        # In a tuple modules are no submodules, whose parameters would be trained and kept.
        self._tables = (whole, _learned(whole, self.weight, row_of))
        self.train(whole.training)

    @property
    def whole(self) -> Tensor:
        """The whole table, [vocabulary, width], with the learned rows as of the last `eval`."""
        return self._tables[0].weight

    def forward(self, input_ids: Tensor) -> Tensor:
        """Embeddings of `input_ids` [batch, length]; training knows those of `tokens` alone."""
        whole, learned = self._tables
        return learned(self.place[input_ids]) if self.training else whole(input_ids)

    def rows(self, tokens: Tensor) -> Tensor:
        """Rows of `tokens`, without whatever the model does to embeddings besides."""
        return self.weight[self.place[tokens]] if self.training else self.whole[tokens]

    def train(self, mode: bool = True) -> "TrainedWords":
        """Training or evaluation mode; entering the latter puts the learned rows back."""
        if not mode:
            with torch.no_grad():
                self.whole.index_copy_(0, self.tokens, self.weight)
        return super().train(mode)

    def _apply(self, function: Any, recurse: bool = True) -> "TrainedWords":
        super()._apply(function, recurse)
        self._tables[0]._apply(function)
        return self


def _learned(whole: nn.Embedding, weight: nn.Parameter, row_of: Tensor) -> nn.Embedding:
    """A module like `whole`, scale and all, of the learned rows; it shares its weight."""
    learned = copy.copy(whole)
    learned._parameters = {"weight": weight}
    learned.num_embeddings = len(weight)
    # The padding's row takes no gradient, wherever it stands now.
    padding = -1 if whole.padding_idx is None else int(row_of[whole.padding_idx])
    learned.padding_idx = padding if padding >= 0 else None
    return learned


def train_words_of(encoder: Any, texts: Iterable[np.ndarray]) -> dict[str, int] | None:
    """Have `encoder` train the word embeddings of the tokens in `texts` alone, its own included.

    Returns how many rows of how many are trained, for the receipt; None where all are: a table
    that is no plain one, or none at all, as embeddings are frozen.
    """
    table = encoder.get_input_embeddings() if not encoder.first_layer else None
    if not isinstance(table, nn.Embedding):
        return None
    tokens = np.unique(np.concatenate([np.array([PADDED_WITH]), *map(np.unique, texts)]))
    rows = torch.from_numpy(tokens.astype(np.int64)).to(table.weight.device)
    encoder.set_input_embeddings(TrainedWords(table, rows))
    return {"trained": len(rows), "of": table.num_embeddings}


def word_rows(encoder: Any, tokens: Tensor) -> Tensor:
    """Word embeddings of `tokens` [n], [n, width], through which training reaches them."""
    table = encoder.get_input_embeddings()
    return table.rows(tokens) if isinstance(table, TrainedWords) else table.weight[tokens]
