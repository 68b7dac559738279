"""How the steps of a run are made: plainly, or by one of the ways that spare a GPU work."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from xstilts.core.errors import StudyError
from xstilts.core.gpu_steps import GRAPHS, LEAN, PACKED, PLAIN
from xstilts.encoders.bert import Encoder, padding_bias
from xstilts.encoders.graphed import GraphedLayers, Shape
from xstilts.encoders.packed import PackedLayers
from xstilts.training.optimiser import AdamW
from xstilts.training.update import LeanUpdate, PlainUpdate

KEY = "config, key 'gpu_step'"


def way_of(recipe: dict[str, Any]) -> str:
    """How a run of this recipe makes its steps; a recipe that says nothing makes them plainly."""
    return recipe.get("gpu_step", PLAIN)


def update_of(recipe: dict[str, Any], model: nn.Module, optimiser: AdamW) -> PlainUpdate:
    """What moves the weights of `model` in a run of this recipe."""
    clip = recipe["training"]["gradient_clip"]
    if way_of(recipe) == PLAIN:
        return PlainUpdate(model, optimiser, clip)
    return LeanUpdate(model, optimiser, clip, narrow=recipe["precision"] == "bfloat16")


def stack_layers(
    encoder: Any, recipe: dict[str, Any], shapes: Iterable[Shape], device: torch.device
) -> None:
    """Have training run the layers of `encoder` as the recipe says.

    `shapes` are the numbers of sequences and of tokens of their longest, of all batches of the run.

    Raises:
        StudyError: this encoder, or this run, cannot be trained so.
    """
    way = way_of(recipe)
    if way in (PLAIN, LEAN):
        return
    if not isinstance(encoder, Encoder):
        raise StudyError(
            f"{KEY}: an encoder of type '{encoder.config.model_type}' runs in transformers, which "
            f"knows no '{way}' layers; set it to {LEAN}."
        )
    _check(way, encoder, recipe, device)
    if way == PACKED:
        encoder.stacked = PackedLayers(encoder)
        return
    graphed = GraphedLayers(encoder, padding_bias)
    graphed.choose(shapes)
    encoder.stacked = graphed


def _check(way: str, encoder: Encoder, recipe: dict[str, Any], device: torch.device) -> None:
    graphs = way == GRAPHS
    reasons = {
        # What is saved of jagged attention, or captured in a graph, cannot be computed again.
        "activation_checkpointing: false": encoder.recomputes,
        "accelerator: gpu": graphs and device.type != "cuda",
        # The second part would be added to a gradient that the graph has overwritten by then.
        "training.gradient_accumulation: 1": (
            graphs and recipe["training"].get("gradient_accumulation", 1) > 1
        ),
    }
    for remedy, amiss in reasons.items():
        if amiss:
            raise StudyError(f"{KEY}: '{way}' needs {remedy}; set that, or gpu_step: {LEAN}.")


def unstack_layers(encoder: Any) -> None:
    """Run the layers one after another again, and free the memory of any graphs."""
    if isinstance(encoder, Encoder):
        encoder.stacked = None
