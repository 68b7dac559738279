"""Questions answered by a span of a passage, which is read in windows."""

import json

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs, States
from xstilts.kinds.span_decoding import best_answer

# Logit of a token that cannot begin or end an answer; finite, so that bfloat16 stays sane.
IMPOSSIBLE = -1e4


def units(inputs: Inputs) -> Units:
    """Each window by itself, those without an answer too."""
    count = len(inputs.lengths)
    return Units(np.arange(count), np.ones(count, dtype=int), inputs.lengths)


def build_head(hidden_size: int, labels: list[str], how: str, dropout: float) -> nn.Module:
    """A start and an end logit at every token."""
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden_size, 2))


def _logits(head: nn.Module, states: States) -> torch.Tensor:
    """[2, batch, length] logits; only the first token ("no answer") and the passage may win."""
    position = torch.arange(states.mask.shape[1], device=states.mask.device)
    possible = states.mask & ((position >= states.second.unsqueeze(1)) | (position == 0))
    logits = head(states.hidden).float().permute(2, 0, 1)
    return logits.masked_fill(~possible, IMPOSSIBLE)


def loss(head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray) -> torch.Tensor:
    """Mean of the cross-entropies of start and end; token 0 where the window has no answer."""
    start, end = _logits(head, states)
    device = start.device
    first = torch.from_numpy(inputs.column("first")[chosen].astype(np.int64)).to(device)
    last = torch.from_numpy(inputs.column("last")[chosen].astype(np.int64)).to(device)
    return (functional.cross_entropy(start, first) + functional.cross_entropy(end, last)) / 2


def outputs(
    head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Start and end logits of each window, without padding."""
    start, end = _logits(head, states).cpu().numpy()
    lengths = inputs.lengths[chosen]
    return [(start[row, :size], end[row, :size]) for row, size in enumerate(lengths)]


def answers(
    found: list[tuple[np.ndarray, np.ndarray]],
    inputs: Inputs,
    trained: list[str],
    labels: list[str],
) -> tuple[list[str], list[str]]:
    """Best answer over all windows of each question, and the accepted answers as a JSON list."""
    table = inputs.split.table
    first = np.searchsorted(inputs.split.example, np.arange(table.num_rows + 1))
    unanswerable = any(not accepted for accepted in table["answers"].to_pylist())
    predictions, golds = [], []
    for index, row in enumerate(table.to_pylist()):
        windows = found[first[index] : first[index + 1]]
        predictions.append(
            best_answer(
                [start for start, _ in windows],
                [end for _, end in windows],
                row["context_first"],
                row["char_start"],
                row["char_end"],
                row["max_context"],
                row["context"],
                null_threshold=0.0 if unanswerable else None,
            )
        )
        golds.append(json.dumps(row["answers"], ensure_ascii=False))
    return predictions, golds
