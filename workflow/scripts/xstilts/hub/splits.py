"""One split of a data set on the Hub, fetched and written as one Parquet file."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError
from xstilts.core.files import written_whole
from xstilts.hub.access import Repository
from xstilts.hub.finding import Split, find_split

ROWS = 10_000


def fetch_split(repository: Repository, config: str, split: str, output: Path) -> int:
    """Write the split to `output`; return its number of rows.

    Row groups are copied one after the other, so that memory does not grow with the data set.

    Raises:
        StudyError: the Hub cannot be asked, there is no such split, it is not Parquet, or fewer or
            more rows arrive than its card promises.
    """
    wanted = find_split(repository, config, split)
    paths = [repository.fetch(file) for file in wanted.files]
    rows = 0
    with written_whole(output) as temporary:
        with pq.ParquetWriter(temporary, _schema(paths, wanted)) as writer:
            for batch in _batches(paths, writer.schema):
                writer.write_batch(batch)
                rows += batch.num_rows
        if wanted.rows not in (None, rows):
            raise StudyError(
                f"{repository.name} {config} {split}: {rows} rows arrived, but its card promises "
                f"{wanted.rows}; pin another revision, or report it to the data set's owner."
            )
    return rows


def _schema(paths: list[Path], wanted: Split) -> pa.Schema:
    """The schema of the first file, with the card's label names where the file has none."""
    schema = _open(paths[0]).schema_arrow
    metadata = schema.metadata or {}
    if b"huggingface" not in metadata and wanted.features:
        schema = schema.with_metadata({**metadata, **wanted.features})
    return schema


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        real = path.resolve()
        raise StudyError(
            f"{real} is damaged: delete it and run again, and it is downloaded anew. ({error})"
        ) from error


def _batches(paths: list[Path], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for path in paths:
        file = _open(path)
        try:
            for batch in file.iter_batches(ROWS):
                yield batch.cast(schema).replace_schema_metadata(schema.metadata)
        except (pa.ArrowException, OSError) as error:
            raise StudyError(
                f"{path.resolve()} is damaged or has other columns than the first shard: delete "
                f"it and run again. ({error})"
            ) from error
