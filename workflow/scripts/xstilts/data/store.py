"""Prepared examples on disk: Arrow files that are read by memory mapping."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from xstilts.core.errors import StudyError


def prepared_schema(**columns: pa.DataType) -> pa.Schema:
    """The columns of prepared examples, with those that a kind of task has besides.

    `input_ids` holds the sequences of an example, special tokens in place; `second` the index of
    the first token of the second segment of each (0 if there is none); `exact` and `normalised`
    are the `shared_text.fingerprints` of its texts.
    """
    common = {
        "example_id": pa.string(),
        "language": pa.string(),
        "input_ids": pa.list_(pa.list_(pa.int32())),
        "second": pa.list_(pa.int32()),
        "exact": pa.list_(pa.uint64()),
        "normalised": pa.list_(pa.uint64()),
    }
    return pa.schema(common | columns)


def write_split(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write record batches to an Arrow IPC file as they come; the number of rows written."""
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


@dataclass(frozen=True)
class Split:
    """A prepared split; the table is memory-mapped, the arrays are made when first asked for."""

    table: pa.Table

    @cached_property
    def _sequences(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tokens, lengths, counts = [], [], []
        for chunk in self.table["input_ids"].chunks:
            sequences = chunk.flatten()
            tokens.append(sequences.flatten().to_numpy())
            lengths.append(sequences.value_lengths().to_numpy())
            counts.append(chunk.value_lengths().to_numpy())
        return _joined(tokens), _joined(lengths), _joined(counts)

    @cached_property
    def tokens(self) -> np.ndarray:
        """int32: the tokens of all sequences of all examples, in row order."""
        return self._sequences[0]

    @cached_property
    def offsets(self) -> np.ndarray:
        """int64 [sequences + 1]: sequence i is `tokens[offsets[i]:offsets[i + 1]]`."""
        return np.concatenate([[0], np.cumsum(self._sequences[1], dtype=np.int64)])

    @cached_property
    def example(self) -> np.ndarray:
        """int32 [sequences]: the row that a sequence belongs to."""
        return np.repeat(np.arange(self.table.num_rows, dtype=np.int32), self._sequences[2])

    @cached_property
    def second(self) -> np.ndarray:
        """int32 [sequences]: index of the first token of the second segment, 0 if there is none."""
        chunks = [chunk.flatten().to_numpy() for chunk in self.table["second"].chunks]
        return _joined(chunks)


def _joined(chunks: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(chunks) if chunks else np.empty(0, np.int32)


def open_split(path: Path) -> Split:
    """Open a prepared split by memory mapping.

    Raises:
        StudyError: the file is missing, cut short or damaged, or not a prepared split.
    """
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        table.validate()
    except (pa.ArrowException, OSError) as error:
        raise StudyError(
            f"Cannot read the prepared data {path} (missing, damaged or cut short): "
            f"delete its folder and run again. ({error})"
        ) from error
    if not set(prepared_schema()) <= set(table.schema):
        raise StudyError(f"{path} is not a prepared split: its columns are {table.column_names}.")
    return Split(table)
