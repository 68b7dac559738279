"""The rows of a part of a data set, from the source that a recipe names."""

from collections.abc import Collection, Iterator

import pyarrow as pa

from xstilts.core.errors import StudyError
from xstilts.core.paths import stage_folder
from xstilts.sources import source_of
from xstilts.sources.methods.folders import describe
from xstilts.sources.methods.parquet import tables

__all__ = ["batches", "describe", "read"]

TRANSLATED = stage_folder("translation")


def batches(source: dict, part: dict, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
    """The rows of one part in file order, some at a time, under their published names.

    Args:
        source: of the recipe, with `root`, the folder of the data sets (or None).
        part: `{"dataset", "config", "split"}`; further keys are not read.
        columns: the columns to read, with fields inside them as `column.field`; by default, and
            where one of them does not exist, all.

    Raises:
        StudyError: unknown source; data missing or unreadable.
    """
    made = source.get("translations", {}).get(part["config"])
    if made and part["dataset"].startswith("translated/"):
        return _translation(part, made, columns)
    return source_of(source.get("name", "")).batches(source, part, columns)


def read(source: dict, part: dict) -> pa.Table:
    """All rows of one part at once; see `batches`."""
    return pa.concat_tables(batches(source, part))


def _translation(part: dict, digest: str, columns: Collection[str] | None) -> Iterator[pa.Table]:
    """What the rule `translate_task` has made of a task in one language."""
    task = part["dataset"].partition("/")[2]
    file = TRANSLATED / f"{task}-{part['config']}-{digest}" / "train.parquet"
    if not file.is_file():
        raise StudyError(f"{file} is not there: translate {task} first (run the study again).")
    return tables([file], columns)
