"""The Hugging Face Hub, at pinned commits; what is not on it lies in a folder as by `folder`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.errors import StudyError
from xstilts.core.paths import DOWNLOADS, at, split_file
from xstilts.sources.folder import digests
from xstilts.sources.methods.folders import files_of, put_by_hand
from xstilts.sources.protocol import Config, Part, Source, Stock

if TYPE_CHECKING:
    import pyarrow as pa


class Hub(Source):
    """Every part is fetched but those that a sheet calls `by_hand`."""

    name = "hub"

    def check_config(self, config: Config) -> None:
        """A folder for the rest may be named, and is there then."""
        root = config["data_root"]
        if root is not None and not Path(root).is_dir():
            raise StudyError(
                f"config, key 'data_root': there is no folder '{root}'; give the folder that holds "
                "what is not on the Hub, or leave the key out."
            )

    def is_fetched(self, part: Part) -> bool:
        """All that nobody puts there by hand."""
        return not part.get("by_hand", False)

    def is_by_hand(self, part: Part) -> bool:
        """What is not fetched."""
        return not self.is_fetched(part)

    def has_part(self, part: Part, config: Config) -> bool:
        """What is fetched, and of the rest what lies in the folder."""
        return self.is_fetched(part) or bool(files_of(part, config["data_root"]))

    def recipe_of_parts(
        self, parts: Sequence[Part], sizes: Mapping[str, int | None], stock: Stock
    ) -> dict[str, Any]:
        """The commits of data sets, and the digests of files that are put there by hand."""
        fetched = {part["dataset"] for part in parts if self.is_fetched(part)}
        files = digests((part for part in parts if part["dataset"] not in fetched), stock)
        revisions = {name: stock.commit(name) for name in sorted(fetched)}
        return {"name": self.name, "revisions": revisions, "files": files}

    def whereabouts(self, part: Part, stock: Stock) -> dict[str, Any]:
        """Where it is fetched to, or to be put by hand."""
        if not self.is_fetched(part):
            return put_by_hand(part, stock.config["data_root"], "by hand")
        commit = stock.commit(part["dataset"])
        file = split_file(part["dataset"], commit, part["config"], part["split"])
        there = [file.as_posix()] if file.is_file() else []
        return {"source": self.name, "place": file.as_posix(), "files": there, "revision": commit,
                "is_made": False, "is_fetched": True}  # fmt: skip

    def batches(
        self, source: dict, part: Part, columns: Collection[str] | None
    ) -> "Iterator[pa.Table]":
        """A fetched split; of a data set without a commit, what a user has put into the folder."""
        from xstilts.sources.methods.parquet import folder_tables

        commit = source["revisions"].get(part["dataset"])
        if commit is None:
            return folder_tables(source.get("root"), part, columns)
        return folder_tables(DOWNLOADS, {**part, "dataset": at(part["dataset"], commit)}, columns)


SOURCE = Hub()
