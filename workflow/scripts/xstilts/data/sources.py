"""Where tables come from: a folder in the Hub's layout, files fetched from it, or the demo."""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError, nearest
from xstilts.core.paths import DOWNLOADS, at, stage_folder
from xstilts.core.shards import locate

ROWS = 1000
"""Rows that are in memory at a time."""
BUFFER = 1 << 20
TRANSLATED = stage_folder("translation")


def batches(source: dict, part: dict, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
    """The rows of one part in file order, at most `ROWS` at a time, under their published names.

    Args:
        source: `{"name": "folder", "root": path}`,
            `{"name": "hub", "root": path or None, "revisions": {dataset: commit}}` or
            `{"name": "demo", "seed": int, "sizes": {...}}`.
        part: `{"dataset", "config", "split"}`; further keys are not read.
        columns: the columns to read, with fields inside them as `column.field`; by default, and
            where one of them does not exist, all.

    Raises:
        StudyError: unknown source; data missing or unreadable.
    """
    made = source.get("translations", {}).get(part["config"])
    if made and part["dataset"].startswith("translated/"):
        return _translation(part, made, columns)
    name = source.get("name", "")
    if name not in SOURCES:
        raise StudyError(f"Unknown data source '{name}': {nearest(name, SOURCES)}")
    return SOURCES[name](source, part, columns)


def read(source: dict, part: dict) -> pa.Table:
    """All rows of one part at once; see `batches`."""
    return pa.concat_tables(batches(source, part))


def describe(part: dict) -> str:
    """How messages name a part: `owner/name config split`."""
    return f"{part['dataset']} {part['config']} {part['split']}"


def _folder(source: dict, part: dict, columns: Collection[str] | None) -> Iterator[pa.Table]:
    root = source.get("root")
    if root is None or not Path(root).is_dir():
        raise StudyError(f"The data folder '{root}' does not exist: set data_root in the config.")
    files = locate(Path(root), part["dataset"], part["config"], part["split"])
    if not files:
        raise StudyError(_missing(Path(root), part))
    yield from _tables(files, columns)


def _tables(files: list[Path], columns: Collection[str] | None) -> Iterator[pa.Table]:
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
        wanted = {one if one in names else one.partition(".")[0] for one in columns or names}
        chosen = [name for name in names if name in wanted] if wanted <= set(names) else names
        schema = pa.schema([stored.schema_arrow.field(name) for name in chosen])
        schema = schema.with_metadata(stored.schema_arrow.metadata)
        # A file without rows still has columns to be checked.
        yield schema.empty_table()
        for batch in stored.iter_batches(ROWS, columns=chosen):
            yield pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata)


def _hub(source: dict, part: dict, columns: Collection[str] | None) -> Iterator[pa.Table]:
    """A fetched split; of a data set without a commit, what a user has put into the folder."""
    commit = source["revisions"].get(part["dataset"])
    if commit is None:
        return _folder(source, part, columns)
    return _folder({"root": DOWNLOADS}, part | {"dataset": at(part["dataset"], commit)}, columns)


def _translation(part: dict, digest: str, columns: Collection[str] | None) -> Iterator[pa.Table]:
    """What the rule `translate_task` has made of a task in one language."""
    task = part["dataset"].partition("/")[2]
    file = TRANSLATED / f"{task}-{part['config']}-{digest}" / "train.parquet"
    if not file.is_file():
        raise StudyError(f"{file} is not there: translate {task} first (run the study again).")
    return _tables([file], columns)


def _missing(root: Path, part: dict) -> str:
    names = (part["dataset"].replace("/", "__"), part["config"], part["split"])
    sentence = f"No data for {describe(part)}: expected {root.joinpath(*names)}.parquet"
    folder = root
    for name in names:  # down to the first level that is not there
        if not (folder / name).is_dir():
            break
        folder /= name
    found = {entry.name.removesuffix(".parquet") for entry in folder.iterdir()}
    if any(entry.startswith(f"{name}-0") for entry in found):
        return f"{sentence} or all of its shards, but some are missing: fetch the rest."
    return f"{sentence}; in {folder} {nearest(name, found)}" if found else f"{sentence}."


def _demo(source: dict, part: dict, columns: Collection[str] | None) -> Iterator[pa.Table]:
    sizes = tuple(source["sizes"].items())
    table = _generated(part["dataset"], part["config"], part["split"], source["seed"], sizes)
    for begin in range(0, max(1, table.num_rows), ROWS):
        yield table.slice(begin, ROWS)


@lru_cache(maxsize=16)
def _generated(dataset: str, config: str, split: str, seed: int, sizes: tuple) -> pa.Table:
    import generated_text  # written apart; only the demo study needs it

    return generated_text.generate(dataset, config, split, seed=seed, sizes=dict(sizes))


SOURCES: dict[str, Callable[[dict, dict, Collection[str] | None], Iterator[pa.Table]]] = {
    "folder": _folder,
    "hub": _hub,
    "demo": _demo,
}
