"""What the ways of a GPU's training step do not go together with."""

from typing import Any

from xstilts.core.encoder_families import FAMILIES
from xstilts.core.errors import StudyError
from xstilts.core.gpu_steps import GRAPHS, LEAN, PACKED

Config = dict[str, Any]


def check_gpu_step(config: Config) -> None:
    """Whether `gpu_step` goes together with the other keys of training.

    Raises:
        StudyError: it does not, as every job of the study would find out.
    """
    way = config["gpu_step"]
    if not _stacks_layers(config):
        return
    if config["activation_checkpointing"]:
        raise _refusal(way, "activation_checkpointing: false")
    if way == GRAPHS and any(parts > 1 for parts in _accumulations(config)):
        raise _refusal(way, "training.gradient_accumulation: 1")


def check_gpu_step_of(config: Config, model_type: str) -> None:
    """Whether an encoder of this type can run its layers as `gpu_step` says.

    Raises:
        StudyError: it cannot, as every job of the study would find out.
    """
    if _stacks_layers(config) and model_type not in FAMILIES:
        raise StudyError(
            f"config, key 'gpu_step': '{config['gpu_step']}' is for encoders of type "
            f"{', '.join(sorted(FAMILIES))}, and this one is '{model_type}'; set it to {LEAN}."
        )


def _stacks_layers(config: Config) -> bool:
    # In the job that builds an encoder the config is as its file has it, without defaults.
    return config.get("accelerator") == "gpu" and config.get("gpu_step") in (PACKED, GRAPHS)


def _accumulations(config: Config) -> list[int]:
    """In how many parts batches go through the model, of the study and of single tasks."""
    settings = [config, config["multitask"], *config["tasks"].values()]
    training = [each.get("training") or {} for each in settings]
    return [each.get("gradient_accumulation") or 1 for each in training]


def _refusal(way: str, remedy: str) -> StudyError:
    return StudyError(
        f"config, key 'gpu_step': '{way}' needs {remedy}; set that, or gpu_step: {LEAN}."
    )
