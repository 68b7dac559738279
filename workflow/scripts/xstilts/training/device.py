"""Where a job trains, and what it used."""

import os
import platform
import resource
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import torch

from xstilts.core.device_slots import chosen_by_slurm, hold_slot
from xstilts.core.errors import StudyError
from xstilts.core.processor import multiplies_bfloat16, processor

LIBRARIES = ("torch", "safetensors", "tokenizers", "numpy", "pyarrow")
# Those of the libraries that add up numbers.
ADDING = ("torch", "numpy", "transformers")


# Of a share of a GPU's memory, what is left to CUDA itself, which each process holds some of.
ROOM = 0.95


def pick_device(accelerator: str, share: int = 1) -> torch.device:
    """The device of config key `accelerator`; of several GPUs one that no other job has.

    With `share` > 1 so many jobs have a GPU at once, each an equal part of its memory: one that
    needs more fails by itself, and not whichever asks next.

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
    count = torch.cuda.device_count()
    names = [_device_name(index) for index in range(count)]
    alone = chosen_by_slurm(count)
    index = 0 if alone else hold_slot(names, share=share)
    # What says only "cuda" means this one too.
    torch.cuda.set_device(index)
    if share > 1 and not alone:
        torch.cuda.set_per_process_memory_fraction(ROOM / share, index)
    return torch.device("cuda", index)


def _device_name(index: int) -> str:
    """A name of a GPU that does not hang on which of them this process sees."""
    return str(getattr(torch.cuda.get_device_properties(index), "uuid", index))


def check_precision(precision: str, device: torch.device) -> None:
    """Whether `device` computes in the `precision` that a run was planned in.

    Raises:
        StudyError: it has no instructions for it; imitated, it would be slow for nothing.
    """
    if precision == "float32":
        return
    if device.type == "cuda":
        what, able = "GPU", torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        what, able = "processor", multiplies_bfloat16()
    if not able:
        raise StudyError(
            f"this run was planned in {precision}, for which this {what} has no instructions; "
            "set precision: float32, or run it where there are some."
        )


def arithmetic(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """The context in which forward passes run: weights stay float32, bfloat16 is autocast."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def numerics(device: torch.device, precision: str) -> dict[str, Any]:
    """What decides in which order and with how many digits a job adds, besides its recipe."""
    versions = {name: version(name) for name in ADDING}
    if device.type == "cuda":
        versions["cuda"] = str(torch.version.cuda)
    on_gpu = device.type == "cuda"
    return {
        "device": device.type,
        "name": torch.cuda.get_device_name(device) if on_gpu else _vendor(),
        # ATEN_CPU_CAPABILITY can lower it below what the processor has.
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "precision": precision,
        "versions": versions,
    }


def _vendor() -> str:
    """Maker of the processor: MKL takes other paths on AMD's at equal instructions."""
    return processor().get("vendor_id") or platform.processor() or "unknown"


class Usage:
    """Time, memory, versions and numerics of a job, for its receipt."""

    def __init__(self, device: torch.device, precision: str = "float32") -> None:
        self.device, self.precision = device, precision
        self.begun = datetime.now(UTC)
        self.clock = time.monotonic()

    def summary(self) -> dict[str, Any]:
        """Seconds, bytes and versions so far."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        on_gpu = self.device.type == "cuda"
        return {
            "device": torch.cuda.get_device_name(self.device) if on_gpu else "cpu",
            "device_uuid": _device_name(self.device.index or 0) if on_gpu else None,
            "processor": processor().get("model name", platform.processor()),
            "threads": torch.get_num_threads(),
            "numerics": numerics(self.device, self.precision),
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
