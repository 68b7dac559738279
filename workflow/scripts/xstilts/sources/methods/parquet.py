"""Parquet files of a part, read a group of rows at a time."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError, nearest
from xstilts.core.shards import locate
from xstilts.sources.methods.folders import describe

ROWS = 1000
"""Rows that are in memory at a time."""
BUFFER = 1 << 20


def folder_tables(
    root: Path | str | None, part: Mapping[str, Any], columns: Collection[str] | None
) -> Iterator[pa.Table]:
    """The rows of a part in the folder `root`, at most `ROWS` at a time.

    Raises:
        StudyError: the folder or the part is not there, or cannot be read.
    """
    if root is None or not Path(root).is_dir():
        raise StudyError(f"The data folder '{root}' does not exist: set data_root in the config.")
    files = locate(Path(root), part["dataset"], part["config"], part["split"])
    if not files:
        raise StudyError(_missing(Path(root), part))
    yield from tables(files, columns)


def tables(files: list[Path], columns: Collection[str] | None) -> Iterator[pa.Table]:
    """The rows of Parquet files one after the other, all in the columns of the first.

    Raises:
        StudyError: one cannot be read.
    """
    first: pa.Schema | None = None
    for file in files:
        try:
            for table in _parquet(file, columns):
                first = first or table.schema
                yield table.cast(first)
        except (pa.ArrowException, ValueError, OSError) as error:
            raise StudyError(
                f"Cannot read {file} as Parquet (damaged, cut short, or of other columns than "
                f"{files[0].name}?); delete it and fetch it anew. ({error})"
            ) from error


def _parquet(file: Path, columns: Collection[str] | None) -> Iterator[pa.Table]:
    # Buffering ahead would hold a whole row group, in many published files all rows.
    with pq.ParquetFile(file, pre_buffer=False, buffer_size=BUFFER) as stored:
        names = stored.schema_arrow.names
        wanted = {
            column if column in names else column.partition(".")[0] for column in columns or names
        }
        chosen = [name for name in names if name in wanted] if wanted <= set(names) else names
        schema = pa.schema([stored.schema_arrow.field(name) for name in chosen])
        schema = schema.with_metadata(stored.schema_arrow.metadata)
        # A file without rows still has columns to be checked.
        yield schema.empty_table()
        for batch in stored.iter_batches(ROWS, columns=chosen):
            yield pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata)


def _missing(root: Path, part: Mapping[str, Any]) -> str:
    names = (part["dataset"].replace("/", "__"), part["config"], part["split"])
    sentence = f"No data for {describe(part)}: expected {root.joinpath(*names)}.parquet"
    folder = root
    for name in names:  # down to the first level that is not there
        if not (folder / name).is_dir():
            break
        folder /= name
    entries = {entry.name.removesuffix(".parquet") for entry in folder.iterdir()}
    if any(entry.startswith(f"{name}-0") for entry in entries):
        return f"{sentence} or all of its shards, but some are missing: fetch the rest."
    return f"{sentence}; in {folder} {nearest(name, entries)}" if entries else f"{sentence}."
