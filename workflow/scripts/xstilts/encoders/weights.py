"""The transplant: trained encoder weights on disk, and back into another run's encoder.

Of the word embeddings a file holds the rows that were trained, by this run or by the one it started
from, and their tokens: all others are the encoder's own, which every run has at hand.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, write_atomically
from xstilts.encoders.automodel import AutoModelEncoder
from xstilts.encoders.bert import Encoder
from xstilts.encoders.encoder_files import open_weights
from xstilts.encoders.words import TrainedWords

FIRST_LAYER = "first_layer"
# Tokens whose word embeddings a file holds; absent where it holds all.
TOKENS = "trained_tokens"
TRAIN_AGAIN = "Remove this run and let it train again."

Tensors = dict[str, torch.Tensor]


def save_trained(
    encoder: Encoder | AutoModelEncoder, path: Path, first_layer: int
) -> dict[str, list[str] | int | str]:
    """Write the parameters of layers `first_layer` and up as safetensors, in one step.

    From layer 0 the embeddings are included. Equal weights give equal bytes. Returns `tensors`
    (the parameters' names, sorted), `count` and `sha256` of the file.
    """
    parameters = encoder.parameters_from(first_layer)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in parameters.items()}
    names = sorted(tensors)
    for name, words in _tables(encoder, first_layer).items():
        if isinstance(words, TrainedWords):
            tokens = _union(words.tokens.cpu(), encoder.carried_words)
            tensors[name] = words.eval().whole.detach().cpu()[tokens]
            tensors[TOKENS] = tokens
    # One entry only: safetensors writes several in random order.
    metadata = {FIRST_LAYER: str(first_layer)}
    path = Path(path)
    write_atomically(path, lambda file: save_file(tensors, file, metadata=metadata))
    return {"tensors": names, "count": len(names), "sha256": file_sha256(path)}


def _union(tokens: torch.Tensor, others: torch.Tensor | None) -> torch.Tensor:
    return tokens if others is None else torch.cat([tokens, others]).unique(sorted=True)


def _tables(encoder: Encoder | AutoModelEncoder, first_layer: int) -> dict[str, torch.nn.Module]:
    """The table of word embeddings by its parameter's name, where it is trained."""
    if first_layer:
        return {}
    table = encoder.get_input_embeddings()
    parameters = encoder.parameters_from(0).items()
    weight = getattr(table, "weight", None)
    return {name: table for name, parameter in parameters if parameter is weight}


def transplant(encoder: Encoder | AutoModelEncoder, path: Path) -> dict[str, int | str]:
    """Copy all tensors of `path` into the parameters of the same names, and prove it.

    The file must hold exactly the parameters that `save_trained` would write for this encoder, in
    the same shapes and finite: otherwise StudyError, and the encoder is as it was. Afterwards each
    parameter is compared with the file. Returns `carried` (number of tensors), `first_layer`,
    `names_digest` (12 hexadecimal digits of SHA-256 over the sorted names) and `weights_sha256`.
    """
    path = Path(path)
    stored = _read(path)
    if stored.first_layer < encoder.first_layer:
        raise StudyError(
            f"{path} holds weights from layer {stored.first_layer} up, but this encoder was loaded "
            f"from layer {encoder.first_layer} up; both runs need the same encoder.frozen_layers."
        )
    tables = _tables(encoder, stored.first_layer)
    rows = tables if stored.tokens is not None else {}
    parameters = encoder.parameters_from(stored.first_layer)
    _check(path, stored, parameters, set(rows))
    with torch.no_grad():
        for name, parameter in parameters.items():
            if name in rows:
                parameter[stored.tokens] = stored.tensors[name].to(parameter)
            else:
                parameter.copy_(stored.tensors[name])
    for table in tables.values():
        whole = torch.arange(len(table.weight))
        encoder.carried_words = whole if stored.tokens is None else stored.tokens
    _prove(path, parameters, set(rows))
    names = "\n".join(sorted(stored.tensors))
    return {
        "carried": len(stored.tensors),
        "first_layer": stored.first_layer,
        "names_digest": hashlib.sha256(names.encode()).hexdigest()[:12],
        "weights_sha256": file_sha256(path),
    }


@dataclass(frozen=True)
class _Stored:
    """What a file holds: parameters by name, and of which tokens the word embeddings are."""

    first_layer: int
    tensors: Tensors
    tokens: torch.Tensor | None


def _read(path: Path) -> _Stored:
    with open_weights(path) as stored:
        first_layer = (stored.metadata() or {}).get(FIRST_LAYER, "")
        if not first_layer.isdigit():
            raise StudyError(f"{path} does not say from which layer it was trained. {TRAIN_AGAIN}")
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        tokens = tensors.pop(TOKENS, None)
        return _Stored(int(first_layer), tensors, tokens)


def _check(
    path: Path, stored: _Stored, parameters: dict[str, torch.nn.Parameter], rows: set[str]
) -> None:
    tensors = stored.tensors
    for names, fault in (
        (sorted(set(parameters) - set(tensors)), "lacks"),
        (sorted(set(tensors) - set(parameters)), "has, unlike this encoder,"),
    ):
        if names:
            example = f"{len(names)} tensors, {names[0]} for one"
            raise StudyError(f"{path} {fault} {example}. {TRAIN_AGAIN}")
    for name, tensor in tensors.items():
        shape = list(parameters[name].shape)
        if stored.tokens is not None and name in rows:
            _check_tokens(path, stored.tokens, shape[0])
            shape = [len(stored.tokens), *shape[1:]]
        if list(tensor.shape) != shape:
            raise StudyError(
                f"{path}: {name} has shape {list(tensor.shape)}, this encoder's has {shape}. "
                f"{TRAIN_AGAIN}"
            )
        if not bool(torch.isfinite(tensor).all()):
            raise StudyError(f"{path}: {name} holds numbers that are not finite. {TRAIN_AGAIN}")


def _check_tokens(path: Path, tokens: torch.Tensor, vocabulary: int) -> None:
    ascending = bool((tokens[1:] > tokens[:-1]).all())
    if not (len(tokens) and ascending and tokens[0] >= 0 and tokens[-1] < vocabulary):
        raise StudyError(
            f"{path}: {TOKENS} are not those of a vocabulary of {vocabulary}. {TRAIN_AGAIN}"
        )


def _prove(path: Path, parameters: dict[str, torch.nn.Parameter], rows: set[str]) -> None:
    # Read afresh: the proof must not rest on the tensors that were copied from.
    stored = _read(path)
    for name, parameter in parameters.items():
        own = parameter.detach()[stored.tokens] if name in rows else parameter.detach()
        if not torch.equal(own.cpu(), stored.tensors[name].to(parameter.dtype)):
            raise StudyError(f"{path}: {name} did not arrive in the encoder. {TRAIN_AGAIN}")
