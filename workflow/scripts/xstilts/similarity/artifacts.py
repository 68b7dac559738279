"""What the jobs of similarity leave on disk; reading it needs no torch."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.files import file_sha256, write_atomically

TEXTS, ARRAYS, EVIDENCE = "texts.parquet", "embeddings.npz", "evidence.json"
TEXT_SCHEMA = pa.schema(
    {
        # "" is the English sample that stands for the task; else a test language.
        "language": pa.string(),
        "example_id": pa.string(),
        "text": pa.string(),
        "segments": pa.list_(pa.string()),
    }
)

Arrays = dict[str, np.ndarray]


def write_embedding(folder: Path, texts: pa.Table, arrays: Arrays) -> dict[str, str]:
    """Write the embeddings of a task; SHA-256 by file.

    Arrays, as far as they were asked for:
        text: float32 [n, d], sentence embeddings of the English sample.
        languages: float32 [rows of texts, h], multilingual embeddings.
        task, task_batch_summed: float32 [blocks, outputs], see `fisher.fisher_information`.
    """
    write_atomically(folder / TEXTS, lambda file: pq.write_table(texts, file))
    write_atomically(folder / ARRAYS, lambda file: _save(file, arrays))
    return {name: file_sha256(folder / name) for name in (TEXTS, ARRAYS)}


def _save(path: Path, arrays: Arrays) -> None:
    with path.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def read_embedding(folder: Path) -> tuple[pa.Table, Arrays]:
    """Texts and arrays, as `write_embedding` got them."""
    with np.load(folder / ARRAYS) as stored:
        return pq.read_table(folder / TEXTS), dict(stored)


def write_evidence(folder: Path, values: dict[str, list[float]]) -> dict[str, str]:
    """Write LogME by training set, one value per mask of `resampling.halvings`; SHA-256 by file."""
    text = json.dumps(values, indent=0, sort_keys=True)
    write_atomically(folder / EVIDENCE, lambda file: file.write_text(text))
    return {EVIDENCE: file_sha256(folder / EVIDENCE)}


def read_evidence(folder: Path) -> dict[str, list[float]]:
    """LogME by training set, as `write_evidence` got it."""
    return json.loads((folder / EVIDENCE).read_text())
