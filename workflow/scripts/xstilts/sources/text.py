"""A folder of plain text, one file <language>.txt per language: for the rows `+mlm` alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.errors import StudyError
from xstilts.sources.protocol import Config, Part, Source, Stock

if TYPE_CHECKING:
    import pyarrow as pa


class PlainText(Source):
    """The folder `masked_language_model.text_root`."""

    name = "text"

    def check_config(self, config: Config) -> None:
        """No task can come from here."""
        raise StudyError(
            "config: `source: text` has no tasks; choose another source, and name plain text by "
            "masked_language_model.text_root."
        )

    def root_of(self, config: Config) -> str | None:
        """A folder of its own."""
        root: str | None = config["masked_language_model"]["text_root"]
        return root

    def has_part(self, part: Part, config: Config) -> bool:
        """Whether the language has a file."""
        return _file(part, self.root_of(config)).is_file()

    def recipe_of_parts(
        self, parts: Sequence[Part], sizes: Mapping[str, int | None], stock: Stock
    ) -> dict[str, Any]:
        """The files by their digests."""
        files = [_file(part, self.root_of(stock.config)) for part in parts]
        return {"name": self.name, "files": {path.name: stock.sha256(path) for path in files}}

    def whereabouts(self, part: Part, stock: Stock) -> dict[str, Any]:
        """In the folder, or to be put there."""
        file = _file(part, self.root_of(stock.config))
        there = [file.as_posix()] if file.is_file() else []
        return {"source": self.name, "place": file.as_posix(), "files": there, "revision": "",
                "is_made": False, "is_fetched": False}  # fmt: skip

    def batches(
        self, source: dict, part: Part, columns: Collection[str] | None
    ) -> "Iterator[pa.Table]":
        """Lines have no columns."""
        raise NotImplementedError("plain text is read by `lines`")

    def lines(self, source: dict, part: Part) -> Iterator[str]:
        """The lines of the language's file that are not blank."""
        path = _file(part, source.get("root"))
        try:
            with path.open(encoding="utf-8") as stream:
                yield from (line.strip() for line in stream if line.strip())
        except UnicodeDecodeError as error:
            raise StudyError(f"{path} is not UTF-8 ({error}): convert it, and run again.") from None


def _file(part: Part, root: str | Path | None) -> Path:
    return Path(root or "", f"{part['config']}.txt")


SOURCE = PlainText()
