"""What the ways of a GPU's training step do not go together with."""

from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.gpu_steps import GRAPHS, LEAN, PACKED

Config = dict[str, Any]


def check_gpu_step(config: Config) -> None:
    """Whether `gpu_step` goes together with the other keys of training.

    Raises:
        StudyError: it does not, as every job of the study would find out.
    """
    way = config["gpu_step"]
    if config["accelerator"] != "gpu" or way not in (PACKED, GRAPHS):
        return
    if config["activation_checkpointing"]:
        raise _refusal(way, "activation_checkpointing: false")
    if way == GRAPHS and any(parts > 1 for parts in _accumulations(config)):
        raise _refusal(way, "training.gradient_accumulation: 1")


def _accumulations(config: Config) -> list[int]:
    """In how many parts batches go through the model, of the study and of single tasks."""
    settings = [config, config["multitask"], *config["tasks"].values()]
    training = [each.get("training") or {} for each in settings]
    return [each.get("gradient_accumulation") or 1 for each in training]


def _refusal(way: str, remedy: str) -> StudyError:
    return StudyError(
        f"config, key 'gpu_step': '{way}' needs {remedy}; set that, or gpu_step: {LEAN}."
    )
