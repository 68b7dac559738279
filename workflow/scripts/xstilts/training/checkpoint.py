"""Mid-run checkpoints: one file, written atomically, with a digest of its own content."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from xstilts.core.files import write_atomically

NAME = "checkpoint.safetensors"

Tensors = dict[str, torch.Tensor]


def _digest(tensors: Tensors, state: str) -> str:
    total = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        total.update(f"{name} {tensors[name].dtype} {list(tensors[name].shape)}".encode())
        # Flat first: a number without dimensions has no view as bytes.
        total.update(tensors[name].reshape(-1).view(torch.uint8).numpy())
    return total.hexdigest()


def save(folder: Path, tensors: Tensors, state: dict[str, Any]) -> None:
    """Replace the checkpoint in `folder` by `tensors` (on the CPU) and plain `state`.

    Raises:
        StudyError: it cannot be written; the one before is still there.
    """
    text = json.dumps(state, sort_keys=True)
    metadata = {"state": text, "sha256": _digest(tensors, text)}
    write_atomically(folder / NAME, lambda file: save_file(tensors, file, metadata=metadata))


def load(folder: Path) -> tuple[Tensors, dict[str, Any]] | None:
    """The checkpoint in `folder`, or None if there is none that is whole.

    A damaged checkpoint is deleted and said so: the run then starts anew, which costs time but
    never a wrong number.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        if metadata["sha256"] != _digest(tensors, metadata["state"]):
            raise ValueError("its content has changed")
        return tensors, json.loads(metadata["state"])
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        print(f"{path} is damaged ({error}): starting this run anew.", file=sys.stderr)
        path.unlink(missing_ok=True)
        return None
