"""Reading and writing an encoder's folder: configuration, weights by name, one file at a time."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from xstilts.core.errors import StudyError

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
# What the classes with a head (BertForMaskedLM, XLMRobertaForMaskedLM) put before each name.
PREFIXES = ("bert.", "rembert.", "roberta.")
# Checkpoints converted from TensorFlow still carry its names (bert-base-multilingual-cased does).
OLD_ENDINGS = {".gamma": ".weight", ".beta": ".bias"}
FETCH_AGAIN = "Fetch the encoder again, or correct encoder.path in the config."


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; StudyError if it is missing, unreadable or something else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StudyError(f"{path} cannot be read ({error.strerror}). {FETCH_AGAIN}") from None
    except ValueError as error:
        raise StudyError(f"{path} is no JSON ({error}). {FETCH_AGAIN}") from None
    if not isinstance(value, dict):
        raise StudyError(f"{path} holds no JSON object. {FETCH_AGAIN}")
    return value


def plain_name(name: str) -> str:
    """The name that transformers' base model (BertModel, XLMRobertaModel) gives a tensor."""
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    for old, new in OLD_ENDINGS.items():
        if name.endswith(f"LayerNorm{old}"):
            name = name.removesuffix(old) + new
    return name


def open_weights(path: Path) -> Any:
    """`safe_open` for torch on the CPU; StudyError if the file is missing, cut or corrupt."""
    try:
        return safe_open(path, framework="pt", device="cpu")
    except (SafetensorError, OSError) as error:
        raise StudyError(
            f"{path} is missing or damaged ({error}). Remove it and make or fetch it again."
        ) from None


def _plain(names: Iterable[Any]) -> bool:
    """Whether all are names of files in one folder."""
    return all(isinstance(name, str) and name and Path(name).name == name for name in names)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of an encoder's folder: one, or the shards that its index names."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / INDEX).is_file():
        names = read_json(folder / INDEX).get("weight_map")
        if not isinstance(names, dict) or not names or not _plain(names.values()):
            raise StudyError(f"{folder / INDEX} names no files in weight_map. {FETCH_AGAIN}")
        return [folder / name for name in sorted(set(names.values()))]
    if any(folder.glob("pytorch_model*.bin")):
        raise StudyError(
            f"{folder} has its weights only as pytorch_model.bin, which can run code when read; "
            "choose a revision with model.safetensors, or convert it with transformers' "
            "save_pretrained in a place you trust."
        )
    raise StudyError(f"{folder} has no {WEIGHTS}. {FETCH_AGAIN}")
