"""What the frozen lower layers give for every token of a task, computed once for all runs.

Stored in half precision: the rounding (2^-11 relative) is far below the differences between two
seeds, and halves what a run reads. Computed in the study's precision, as the layers above and these
layers themselves where they run live. Tested against the same layers run live.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.core.files import file_sha256, write_atomically
from xstilts.data.store import open_split
from xstilts.encoders import batching
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.load import load_encoder
from xstilts.training.device import Usage, arithmetic, check_precision


def compute_activations(recipe: dict[str, Any], encoder: Path, data: Path, folder: Path) -> dict:
    """Write `<split>.npy`, float16 [tokens, hidden size], per split of the task in `data`.

    Returns the facts for the receipt.
    """
    device, precision = torch.device("cpu"), recipe["precision"]
    check_precision(precision, device)
    usage = Usage(device, precision)
    model = load_encoder(encoder)
    files, tokens = {}, 0
    for path in sorted(data.glob("*.arrow")):
        with arithmetic(precision, device):
            states = _split(model, data, path.stem, recipe["frozen_layers"])
        target = folder / f"{path.stem}.npy"
        write_atomically(target, partial(_write, states=states))
        files[target.name] = file_sha256(target)
        tokens += len(states)
    return {"recipe": recipe, "files": files, "tokens": tokens, **usage.summary()}


def _write(path: Path, states: np.ndarray) -> None:
    with path.open("wb") as stream:
        np.save(stream, states)


@torch.inference_mode()
def _split(model: Any, data: Path, name: str, frozen_layers: int) -> np.ndarray:
    inputs = Inputs(data, name, None, 0)
    split = open_split(data / f"{name}.arrow")
    states = np.empty((len(split.tokens), model.hidden_size), dtype=np.float16)
    count = np.arange(len(inputs.lengths))
    units = batching.Units(count, np.ones_like(count), inputs.lengths)
    for batch in batching.in_order(units):
        hidden, mask = inputs.lowest(batch, model, frozen_layers)
        flat = hidden[mask].numpy().astype(np.float16)
        ends = np.cumsum(inputs.lengths[batch])
        for sequence, end in zip(batch, ends, strict=True):
            begin, stop = split.offsets[sequence], split.offsets[sequence + 1]
            states[begin:stop] = flat[end - (stop - begin) : end]
    return states
