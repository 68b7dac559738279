"""Mean states of the study's own encoder: one vector per example, in any language it knows."""

from typing import Any

import numpy as np
import torch

from xstilts.encoders.batching import Units, in_order
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.pooling import mean


@torch.inference_mode()
def mean_states(encoder: Any, inputs: Inputs, rows: np.ndarray, device: torch.device) -> np.ndarray:
    """Last layer's mean over the tokens of each example's first sequence, float32 [rows, h].

    The first sequence has the first choice of a question with choices, and the first window of a
    long passage: enough to tell what and how a text is about, at a fraction of the cost.
    """
    first = np.searchsorted(inputs.split.example, rows)
    vectors = np.empty((len(rows), encoder.hidden_size), dtype=np.float32)
    count = np.arange(len(rows))
    for batch in in_order(Units(count, np.ones_like(count), inputs.lengths[first])):
        states = inputs.states(first[batch], encoder, device)
        pooled = torch.nn.functional.normalize(mean(states.hidden, states.mask), dim=1)
        vectors[batch] = pooled.cpu().numpy()
    return vectors
