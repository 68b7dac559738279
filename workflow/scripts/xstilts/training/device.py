"""Where a job trains, and what it used."""

import os
import resource
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from xstilts.core.errors import StudyError

LIBRARIES = ("torch", "safetensors", "tokenizers", "numpy", "pyarrow")


def pick_device(accelerator: str) -> torch.device:
    """The device of config key `accelerator`.

    Raises:
        StudyError: a GPU is asked for and there is none.
    """
    if accelerator == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise StudyError(
            "the config says accelerator: gpu, but this machine shows none to PyTorch; "
            "run where there is one or set accelerator: cpu."
        )
    return torch.device("cuda")


def arithmetic(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """The context in which forward passes run: weights stay float32, bfloat16 is autocast."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


class Usage:
    """Time, memory and versions of a job, for its receipt."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.begun = datetime.now(UTC)
        self.clock = time.monotonic()

    def summary(self) -> dict[str, Any]:
        """Seconds, bytes and versions so far."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        on_gpu = self.device.type == "cuda"
        return {
            "device": torch.cuda.get_device_name(self.device) if on_gpu else "cpu",
            "threads": torch.get_num_threads(),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
            "wall_seconds": round(time.monotonic() - self.clock, 2),
            # Linux counts in kilobytes.
            "peak_memory_bytes": usage.ru_maxrss * 1024,
            "peak_gpu_memory_bytes": torch.cuda.max_memory_allocated() if on_gpu else 0,
            "versions": {name: version(name) for name in LIBRARIES},
            "host": os.uname().nodename,
            "begun": self.begun.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        }
