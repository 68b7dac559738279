"""Where tables come from: a folder in the Hub's layout, files fetched from it, or the demo."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.study.errors import StudyError, nearest
from xstilts.study.folder import DOWNLOADS, at, locate


def read(source: dict, part: dict) -> pa.Table:
    """The rows of one part, with the columns of the published data set.

    Args:
        source: `{"name": "folder", "root": path}`,
            `{"name": "hub", "root": path or None, "revisions": {dataset: commit}}` or
            `{"name": "demo", "seed": int, "sizes": {...}}`.
        part: `{"dataset", "config", "split"}`; further keys are not read.

    Raises:
        StudyError: unknown source; data missing or unreadable.
    """
    name = source.get("name", "")
    if name not in SOURCES:
        raise StudyError(f"Unknown data source '{name}': {nearest(name, SOURCES)}")
    return SOURCES[name](source, part)


def describe(part: dict) -> str:
    """How messages name a part: `owner/name config split`."""
    return f"{part['dataset']} {part['config']} {part['split']}"


def _folder(source: dict, part: dict) -> pa.Table:
    root = source.get("root")
    if root is None or not Path(root).is_dir():
        raise StudyError(f"The data folder '{root}' does not exist: set data_root in the config.")
    files = locate(Path(root), part["dataset"], part["config"], part["split"])
    if not files:
        raise StudyError(_missing(Path(root), part))
    try:
        return pa.concat_tables([pq.ParquetFile(file).read() for file in files])
    except (pa.ArrowException, OSError) as error:
        names = ", ".join(str(file) for file in files)
        raise StudyError(
            f"Cannot read {names} as Parquet (damaged or cut short?); "
            f"delete it and fetch it anew. ({error})"
        ) from error


def _hub(source: dict, part: dict) -> pa.Table:
    """A fetched split; of a data set without a commit, what a user has put into the folder."""
    commit = source["revisions"].get(part["dataset"])
    if commit is None:
        return _folder(source, part)
    return _folder({"root": DOWNLOADS}, part | {"dataset": at(part["dataset"], commit)})


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


def _demo(source: dict, part: dict) -> pa.Table:
    from xstilts.data import demo  # written apart; only the demo study needs it

    return demo.generate(
        part["dataset"], part["config"], part["split"], seed=source["seed"], sizes=source["sizes"]
    )


SOURCES: dict[str, Callable[[dict, dict], pa.Table]] = {
    "folder": _folder,
    "hub": _hub,
    "demo": _demo,
}
