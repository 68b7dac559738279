"""A local folder of Parquet files in the Hub's layout."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.errors import StudyError
from xstilts.sources.methods.folders import files_of, put_by_hand
from xstilts.sources.protocol import Config, Part, Source, Stock

if TYPE_CHECKING:
    import pyarrow as pa


def digests(parts: Iterable[Part], stock: Stock) -> dict[str, str]:
    """SHA-256 of the files of `parts` in the data folder, by their place in it."""
    parts = list(parts)
    if not parts:
        return {}
    root = Path(stock.config["data_root"])
    paths = {path for part in parts for path in files_of(part, root)}
    return {path.relative_to(root).as_posix(): stock.sha256(path) for path in sorted(paths)}


class Folder(Source):
    """The folder `data_root`."""

    name = "folder"
    banner = (
        "samples: real text from a local folder, perhaps only a part of each data set; "
        "intervals are as wide as the test sets are small"
    )

    def check_config(self, config: Config) -> None:
        """The folder has to be there."""
        if config["data_root"] is None:
            raise StudyError(
                "config: `source: folder` needs data_root, the folder that holds the data; "
                "set it in the config or add --config data_root=FOLDER."
            )
        if not Path(config["data_root"]).is_dir():
            raise StudyError(
                f"config, key 'data_root': there is no folder '{config['data_root']}'; "
                "give the folder that holds <owner>__<name>/<config>/<split>.parquet."
            )

    def is_by_hand(self, part: Part) -> bool:
        """Every part is."""
        return True

    def has_part(self, part: Part, config: Config) -> bool:
        """Whether its file, or all of its shards, are there."""
        return bool(files_of(part, config["data_root"]))

    def recipe_of_parts(
        self, parts: Sequence[Part], sizes: Mapping[str, int | None], stock: Stock
    ) -> dict[str, Any]:
        """The files by their digests."""
        return {"name": self.name, "files": digests(parts, stock)}

    def whereabouts(self, part: Part, stock: Stock) -> dict[str, Any]:
        """In the folder, or to be put there."""
        return put_by_hand(part, stock.config["data_root"], self.name)

    def batches(
        self, source: dict, part: Part, columns: Collection[str] | None
    ) -> "Iterator[pa.Table]":
        """The rows of its file or shards."""
        from xstilts.sources.methods.parquet import folder_tables

        return folder_tables(source.get("root"), part, columns)


SOURCE = Folder()
