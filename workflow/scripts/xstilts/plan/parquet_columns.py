"""Names of a Parquet file's columns: the one thing that planning reads inside a data file."""

from pathlib import Path


def column_names(path: Path) -> list[str]:
    """The columns of a Parquet file, read off its end; none where they cannot be read."""
    # Imported late: only for a file that no dry run has read before.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        return []
