"""The transplant: trained encoder weights on disk, and back into another run's encoder."""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, write_atomically
from xstilts.encoders.automodel import AutoModelEncoder
from xstilts.encoders.bert import Encoder
from xstilts.encoders.encoder_files import open_weights

FIRST_LAYER = "first_layer"
TRAIN_AGAIN = "Remove this run and let it train again."


def save_trained(
    encoder: Encoder | AutoModelEncoder, path: Path, first_layer: int
) -> dict[str, list[str] | int | str]:
    """Write the parameters of layers `first_layer` and up as safetensors, in one step.

    From layer 0 the embeddings are included. Equal weights give equal bytes. Returns `tensors`
    (their names, sorted), `count` and `sha256` of the file.
    """
    parameters = encoder.parameters_from(first_layer)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in parameters.items()}
    # One entry only: safetensors writes several in random order.
    metadata = {FIRST_LAYER: str(first_layer)}
    path = Path(path)
    write_atomically(path, lambda file: save_file(tensors, file, metadata=metadata))
    return {"tensors": sorted(tensors), "count": len(tensors), "sha256": file_sha256(path)}


def transplant(encoder: Encoder | AutoModelEncoder, path: Path) -> dict[str, int | str]:
    """Copy all tensors of `path` into the parameters of the same names, and prove it.

    The file must hold exactly the parameters that `save_trained` would write for this encoder, in
    the same shapes and finite: otherwise StudyError, and the encoder is as it was. Afterwards each
    parameter is compared with the file. Returns `carried` (number of tensors), `first_layer`,
    `names_digest` (12 hexadecimal digits of SHA-256 over the sorted names) and `weights_sha256`.
    """
    path = Path(path)
    first_layer, tensors = _read(path)
    if first_layer < encoder.first_layer:
        raise StudyError(
            f"{path} holds weights from layer {first_layer} up, but this encoder was loaded from "
            f"layer {encoder.first_layer} up; both runs need the same encoder.frozen_layers."
        )
    parameters = encoder.parameters_from(first_layer)
    _check(path, tensors, parameters)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])
    _prove(path, parameters)
    names = "\n".join(sorted(tensors))
    return {
        "carried": len(tensors),
        "first_layer": first_layer,
        "names_digest": hashlib.sha256(names.encode()).hexdigest()[:12],
        "weights_sha256": file_sha256(path),
    }


def _read(path: Path) -> tuple[int, dict[str, torch.Tensor]]:
    with open_weights(path) as stored:
        first_layer = (stored.metadata() or {}).get(FIRST_LAYER, "")
        if not first_layer.isdigit():
            raise StudyError(f"{path} does not say from which layer it was trained. {TRAIN_AGAIN}")
        return int(first_layer), {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118


def _check(
    path: Path, tensors: dict[str, torch.Tensor], parameters: dict[str, torch.nn.Parameter]
) -> None:
    for names, fault in (
        (sorted(set(parameters) - set(tensors)), "lacks"),
        (sorted(set(tensors) - set(parameters)), "has, unlike this encoder,"),
    ):
        if names:
            example = f"{len(names)} tensors, {names[0]} for one"
            raise StudyError(f"{path} {fault} {example}. {TRAIN_AGAIN}")
    for name, tensor in tensors.items():
        if tensor.shape != parameters[name].shape:
            raise StudyError(
                f"{path}: {name} has shape {list(tensor.shape)}, this encoder's has "
                f"{list(parameters[name].shape)}. {TRAIN_AGAIN}"
            )
        if not bool(torch.isfinite(tensor).all()):
            raise StudyError(f"{path}: {name} holds numbers that are not finite. {TRAIN_AGAIN}")


def _prove(path: Path, parameters: dict[str, torch.nn.Parameter]) -> None:
    # Read afresh: the proof must not rest on the tensors that were copied from.
    _, stored = _read(path)
    for name, parameter in parameters.items():
        if not torch.equal(parameter.detach().cpu(), stored[name].to(parameter.dtype)):
            raise StudyError(f"{path}: {name} did not arrive in the encoder. {TRAIN_AGAIN}")
