"""How many choices the questions of a split have, and their logits side by side."""

from functools import lru_cache

import numpy as np
import torch

from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.transfer import onto

# Logit of a choice that a question does not have; finite, so that bfloat16 stays sane.
IMPOSSIBLE = -1e4


@lru_cache(maxsize=8)
def questions_of(inputs: Inputs) -> Units:
    """The questions of a split, each with all its choices, found once."""
    first, count = np.unique(inputs.split.example, return_index=True, return_counts=True)[1:]
    length = np.maximum.reduceat(inputs.lengths, first) if len(first) else inputs.lengths
    return Units(first, count, length)


def side_by_side(scores: torch.Tensor, counts: np.ndarray) -> torch.Tensor:
    """Scores [choices] of questions one after another as [questions, most choices].

    Args:
        scores: of all choices, those of a question together.
        counts: [questions] choices of each; the places that a question lacks are impossible.
    """
    most = int(counts.max())
    if (counts == most).all():
        return scores.view(len(counts), most)
    question = np.repeat(np.arange(len(counts)), counts)
    column = np.arange(len(question)) - np.repeat(np.cumsum(counts) - counts, counts)
    flat = onto(question * most + column, scores.device)
    empty = scores.new_full((len(counts) * most,), IMPOSSIBLE)
    return empty.scatter(0, flat, scores).view(len(counts), most)
