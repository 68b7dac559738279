"""Sentences as vectors: the states of a layer, pooled."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from xstilts.core import termination
from xstilts.encoders import batching
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.pooling import mean
from xstilts.retrieval.layer_choice import LayerPooling
from xstilts.training.device import arithmetic
from xstilts.training.job import Job


@torch.inference_mode()
def embed(
    job: Job, encoder: Any, inputs: Inputs, sentences: np.ndarray, seen: Sequence[LayerPooling]
) -> np.ndarray:
    """Vectors of the sequences `sentences` (indices), float32 [views, sentences, hidden size].

    Raises:
        Interrupted: the job got SIGTERM.
    """
    vectors = np.empty((len(seen), len(sentences), encoder.hidden_size), np.float32)
    units = batching.Units(sentences, np.ones_like(sentences), inputs.lengths[sentences])
    for batch in batching.in_order(units):
        with arithmetic(job.recipe["precision"], job.device):
            if len(seen) == 1:
                layer = inputs.states(sentences[batch], encoder, job.device, seen[0].layer)
                states, mask = {seen[0].layer: layer.hidden}, layer.mask
            else:
                every, mask = inputs.all_states(sentences[batch], encoder, job.device)
                states = dict(enumerate(every, start=inputs.first_layer + 1))
        for row, view in enumerate(seen):
            vectors[row, batch] = _pooled(states[view.layer], mask, view.pooling).cpu().numpy()
        termination.raise_if_requested()
    return vectors


def _pooled(hidden: torch.Tensor, mask: torch.Tensor, pooling: str) -> torch.Tensor:
    return mean(hidden.float(), mask) if pooling == "mean" else hidden[:, 0].float()
