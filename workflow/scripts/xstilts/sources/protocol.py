"""What a source of data is: everything about it that differs from other sources.

A part is one file, or set of shards, of a data set: `{"dataset", "config", "split", ...}` as in a
task sheet, with its language filled in.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Part = Mapping[str, Any]
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Stock:
    """What a source asks of whoever plans a study.

    Attributes:
        config: of the study.
        repository: the folder that holds resources/.
        sha256: of a file, which is remembered.
        commit: at which what the source takes from the Hub, by its owner and name, is pinned.
    """

    config: Config
    repository: Path
    sha256: Callable[[Path], str]
    commit: Callable[[str], str]


class Source(Protocol):
    """Where the data of a study come from.

    Attributes:
        name: of the source in configs and recipes.
        banner: what a report on such data says of them above all; "" where there is nothing.
        is_generated: whether the text is generated, so that no number speaks of the real tasks.
    """

    name: str
    banner: str = ""
    is_generated: bool = False

    def check_config(self, config: Config) -> None:
        """Whether the config says all that this source needs.

        Raises:
            StudyError: it does not.
        """
        return

    def root_of(self, config: Config) -> str | None:
        """The folder that parts are read from, as a job's config names it."""
        return config.get("data_root")

    def languages_of(self, published: Sequence[str], repository: Path) -> list[str]:
        """Languages that a task can have here, of which `published` has its sheet."""
        return list(published)

    def text_languages(self, repository: Path) -> list[str]:
        """Languages in which the source has plain text of its own, for the rows `+mlm`."""
        return []

    def lack_of_translations(self, task: str) -> str:
        """Why `task` can have no translated training examples here; "" where it can."""
        return ""

    def is_fetched(self, part: Part) -> bool:
        """Whether the study fetches the part by itself."""
        return False

    def is_by_hand(self, part: Part) -> bool:
        """Whether the part is a file that a user puts into `data_root`."""
        return False

    @abstractmethod
    def has_part(self, part: Part, config: Config) -> bool:
        """Whether the part is there, or will be once the study runs."""

    @abstractmethod
    def recipe_of_parts(
        self, parts: Sequence[Part], sizes: Mapping[str, int | None], stock: Stock
    ) -> dict[str, Any]:
        """What a data recipe says of the source: which bytes the `parts` are.

        `name` is in it. `sizes` are the caps on the examples of each split.
        """

    @abstractmethod
    def whereabouts(self, part: Part, stock: Stock) -> dict[str, Any]:
        """Where a part is, for `xstilts data-report`.

        Returns:
            source (in words), place (a file, or where to put it), files (those that are there),
            revision, is_made (nobody has to put it anywhere), is_fetched.
        """

    @abstractmethod
    def batches(
        self, source: dict, part: Part, columns: Collection[str] | None
    ) -> Iterator[pa.Table]:
        """The rows of a part in file order, some at a time, under their published names.

        Args:
            source: what `recipe_of_parts` gave, with `root`, the folder of the data sets (or None).
            part: which part.
            columns: those to read, with fields inside them as `column.field`; all where it is None
                or one of them does not exist.

        Raises:
            StudyError: data missing or unreadable.
        """

    def lines(self, source: dict, part: Part) -> Iterator[str]:
        """The texts of the part's `column`, without those that are blank.

        Raises:
            StudyError: see `batches`; also where there is no such column.
        """
        from xstilts.core.errors import StudyError, nearest
        from xstilts.sources.methods.folders import describe

        column = part["column"]
        for table in self.batches(source, part, [column]):
            names = table.column_names
            if column not in names:
                raise StudyError(
                    f"{describe(part)} has no column '{column}': {nearest(column, names)}"
                )
            texts = (text.strip() for text in table[column].to_pylist() if text)
            yield from (text for text in texts if text)
