"""One tag per word (parts of speech, names, supertags), read at the word's first subword."""

import itertools
from functools import lru_cache

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs, States

IGNORED = -100


def units(inputs: Inputs) -> Units:
    """Each sequence by itself; a long sentence has several."""
    count = len(inputs.lengths)
    return Units(np.arange(count), np.ones(count, dtype=int), inputs.lengths)


def build_head(hidden_size: int, labels: list[str], how: str, dropout: float) -> nn.Module:
    """One logit per tag at every token."""
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden_size, len(labels)))


class Words:
    """Where the words of each sequence are, and their tags.

    Attributes:
        position: [words with a token] token index, grouped by sequence.
        tag: [words with a token] gold tag.
        word: [words with a token] index of the word among all words of the split.
        begin: [sequences + 1] where each sequence's words begin in the three above.
    """

    def __init__(self, inputs: Inputs) -> None:
        sizes = np.diff(inputs.split.table["labels"].combine_chunks().offsets.to_numpy())
        example = np.repeat(np.arange(len(sizes)), sizes)
        first = np.searchsorted(inputs.split.example, example)
        sequence = first + inputs.column("word_sequence")
        position = inputs.column("word_position")
        self.word = np.flatnonzero(position >= 0)
        # Words stand in reading order, so that this keeps them grouped by sequence.
        self.position = position[self.word]
        self.tag = inputs.column("labels")[self.word]
        count = len(inputs.lengths)
        self.begin = np.searchsorted(sequence[self.word], np.arange(count + 1))

    def of(self, sequence: int) -> slice:
        """The words of one sequence."""
        return slice(self.begin[sequence], self.begin[sequence + 1])


@lru_cache(maxsize=8)
def words_of(inputs: Inputs) -> Words:
    """The words of a split, found once."""
    return Words(inputs)


def loss(head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray) -> torch.Tensor:
    """Mean cross-entropy over the words of the batch that have a token; 0 if none has."""
    words = words_of(inputs)
    target = np.full(states.mask.shape, IGNORED, dtype=np.int64)
    for row, sequence in enumerate(chosen):
        here = words.of(sequence)
        target[row, words.position[here]] = words.tag[here]
    logits = head(states.hidden).float()
    flat = torch.from_numpy(target).to(logits.device).view(-1)
    logits = logits.view(len(flat), -1)
    total = functional.cross_entropy(logits, flat, ignore_index=IGNORED, reduction="sum")
    return total / max(1, int((target != IGNORED).sum()))


def outputs(
    head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
) -> list[np.ndarray]:
    """Likeliest tag at each word of each sequence, in the order of the words."""
    words = words_of(inputs)
    best = head(states.hidden).argmax(-1).cpu().numpy()
    return [best[row, words.position[words.of(seq)]] for row, seq in enumerate(chosen)]


def answers(
    found: list[np.ndarray], inputs: Inputs, trained: list[str], labels: list[str]
) -> tuple[list[str], list[str]]:
    """Predicted and gold tags of each sentence, joined by spaces.

    A word without a token (an unknown control character, say) has no prediction: it gets `O`
    where that is a tag, else the first tag.
    """
    gold = inputs.column("labels")
    missing = trained.index("O") if "O" in trained else 0
    predicted = np.full(len(gold), missing)
    predicted[words_of(inputs).word] = np.concatenate(found)
    offsets = inputs.split.table["labels"].combine_chunks().offsets.to_numpy()
    return _joined(predicted, trained, offsets), _joined(gold, labels, offsets)


def _joined(tags: np.ndarray, names: list[str], offsets: np.ndarray) -> list[str]:
    named = np.array(names, dtype=object)[tags]
    return [" ".join(named[a:b]) for a, b in itertools.pairwise(offsets)]
