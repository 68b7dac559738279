"""Load an encoder from a folder of ordinary transformers files, reading only what is needed."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError

from xstilts.core.encoder_families import FAMILIES
from xstilts.core.errors import StudyError
from xstilts.encoders.architecture import EncoderConfig, encoder_config
from xstilts.encoders.bert import Encoder
from xstilts.encoders.encoder_files import (
    FETCH_AGAIN,
    open_weights,
    plain_name,
    read_json,
    weight_files,
)

if TYPE_CHECKING:
    from xstilts.encoders.automodel import AutoModelEncoder


def load_encoder(
    folder: Path,
    *,
    first_layer: int = 0,
    dtype: torch.dtype = torch.float32,
    dropout: float = 0.0,
) -> "Encoder | AutoModelEncoder":
    """The encoder in `folder` (config.json, model.safetensors or shards), in evaluation mode.

    With `first_layer` = k > 0 only layers k and up are read and built, for training on the cached
    output of the layers below. `dropout` replaces the rates of config.json. A model_type outside
    the BERT, RemBERT and RoBERTa families is loaded by transformers, whole. Raises StudyError.
    """
    folder = Path(folder)
    path = folder / "config.json"
    settings = read_json(path)
    if not isinstance(settings.get("model_type"), str):
        raise StudyError(f"{path} names no model_type. {FETCH_AGAIN}")
    if settings["model_type"] not in FAMILIES:
        return _load_other(folder, settings["model_type"], first_layer, dtype, dropout)
    config = encoder_config(settings, path)
    _check_first_layer(first_layer, config, folder)
    # On the meta device nothing is allocated or drawn at random only to be overwritten.
    with torch.device("meta"):
        encoder = Encoder(config, first_layer=first_layer, dropout=dropout)
    tensors = _read(folder, encoder.state_dict(), dtype)
    encoder.load_state_dict(tensors, strict=True, assign=True)
    return encoder.eval()


def _load_other(
    folder: Path, model_type: str, first_layer: int, dtype: torch.dtype, dropout: float
) -> "AutoModelEncoder":
    if first_layer:
        raise StudyError(
            f"{folder}: frozen layers can be cached for encoders of model_type "
            f"{', '.join(sorted(FAMILIES))} only, this one is '{model_type}'; "
            "set encoder.frozen_layers: 0."
        )
    weight_files(folder)
    from xstilts.encoders.automodel import AutoModelEncoder

    return AutoModelEncoder.load(folder, dtype=dtype, dropout=dropout)


def _check_first_layer(first_layer: int, config: EncoderConfig, folder: Path) -> None:
    if not 0 <= first_layer < config.num_hidden_layers:
        raise StudyError(
            f"{folder} has {config.num_hidden_layers} layers, {first_layer} of them cannot stay "
            f"frozen; set encoder.frozen_layers from 0 to {config.num_hidden_layers - 1}."
        )


def _read(
    folder: Path, wanted: Mapping[str, torch.Tensor], dtype: torch.dtype
) -> dict[str, torch.Tensor]:
    """The tensors named in `wanted`, checked against its shapes, in `dtype`."""
    tensors: dict[str, torch.Tensor] = {}
    for path in weight_files(folder):
        with open_weights(path) as stored:
            for name in stored.keys():  # noqa: SIM118 (safe_open is no mapping)
                plain = plain_name(name)
                if plain not in wanted:
                    continue
                tensors[plain] = _tensor(stored, name, path, wanted[plain].shape, dtype)
    missing = sorted(set(wanted) - set(tensors))
    if missing:
        raise StudyError(
            f"{folder} lacks {len(missing)} of {len(wanted)} tensors that its config.json calls "
            f"for, {missing[0]} for one. {FETCH_AGAIN}"
        )
    return tensors


def _tensor(
    stored: Any, name: str, path: Path, shape: torch.Size, dtype: torch.dtype
) -> torch.Tensor:
    try:
        tensor = stored.get_tensor(name)
    except SafetensorError as error:
        raise StudyError(f"{path}: {name} cannot be read ({error}). {FETCH_AGAIN}") from None
    if tensor.shape != shape:
        raise StudyError(
            f"{path}: {name} has shape {list(tensor.shape)}, config.json asks for {list(shape)}. "
            f"{FETCH_AGAIN}"
        )
    # Embeddings stay mapped from the file, shared by all jobs of a machine. The layers are copied
    # to memory of torch's own alignment, on which bit-for-bit repeatable sums depend.
    return tensor.to(dtype, copy=not plain_name(name).startswith("embeddings.word_"))
