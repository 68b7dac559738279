"""Parts of data sets in a folder that is laid out as the Hub's are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.shards import locate


def file_name(part: Mapping[str, Any]) -> str:
    """Where a part lies in a data folder, unless in shards."""
    return f"{part['dataset'].replace('/', '__')}/{part['config']}/{part['split']}.parquet"


def describe(part: Mapping[str, Any]) -> str:
    """How messages name a part: `owner/name config split`."""
    return f"{part['dataset']} {part['config']} {part['split']}"


def files_of(part: Mapping[str, Any], root: Path | str | None) -> list[Path]:
    """The Parquet files of a part below `root`; empty if there are none."""
    if root is None:
        return []
    return locate(Path(root), part["dataset"], part["config"], part["split"])


def put_by_hand(part: Mapping[str, Any], root: str | None, source: str) -> dict[str, Any]:
    """The whereabouts of a part that a user puts into the folder `root`; `source` says so."""
    return {
        "source": source,
        "place": f"{root or 'data_root'}/{file_name(part)}",
        "files": [file.as_posix() for file in files_of(part, root)],
        "revision": "",
        "is_made": False,
        "is_fetched": False,
    }
