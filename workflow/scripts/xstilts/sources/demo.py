"""The built-in grammar (`generated_text`): text made up for a demonstration of everything."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.sources.protocol import Config, Part, Source, Stock

if TYPE_CHECKING:
    import pyarrow as pa

LEXICON = Path("resources/demo")
# Tasks that the grammar can say in other languages; the others are written in English only.
TRANSLATED = ("mnli", "squad_v1", "squad_v2")
ROWS = 1000


class Demo(Source):
    """Every part is made when it is read, always the same from seed and sizes."""

    name = "demo"
    banner = (
        "demonstration: real model, real training, generated text; "
        "its numbers are no evidence about the real tasks"
    )
    is_generated = True

    def check_config(self, config: Config) -> None:
        """Every split of every task needs its number of examples."""
        own = {
            f"tasks.{name}.limits": task.get("limits", {}) for name, task in config["tasks"].items()
        }
        for where, limits in {"limits": config["limits"], **own}.items():
            for split, limit in limits.items():
                if limit is None:
                    raise StudyError(
                        f"config: `source: demo` needs {where}.{split}, the number of examples to "
                        "generate; set it."
                    )

    def languages_of(self, published: Sequence[str], repository: Path) -> list[str]:
        """Those of the grammar, for every task."""
        return sorted(path.stem for path in (repository / LEXICON).glob("[a-z][a-z].yaml"))

    def text_languages(self, repository: Path) -> list[str]:
        """Those of the grammar."""
        return self.languages_of((), repository)

    def lack_of_translations(self, task: str) -> str:
        """The grammar can say three tasks in other languages."""
        if task in TRANSLATED:
            return ""
        return f"the demo's grammar translates {', '.join(TRANSLATED)} alone"

    def has_part(self, part: Part, config: Config) -> bool:
        """Whatever a sheet names is made."""
        return True

    def recipe_of_parts(
        self, parts: Sequence[Part], sizes: Mapping[str, int | None], stock: Stock
    ) -> dict[str, Any]:
        """Seed, sizes and the lexicon's files."""
        lexicon = sorted((stock.repository / LEXICON).rglob("*.yaml"))
        files = {str(path.relative_to(stock.repository)): stock.sha256(path) for path in lexicon}
        return {
            "name": self.name,
            "seed": stock.config["data_seed"],
            "sizes": dict(sizes),
            "lexicon": digest(files),
        }

    def whereabouts(self, part: Part, stock: Stock) -> dict[str, Any]:
        """Nowhere, and never missing."""
        return {"source": self.name, "place": "the demo's grammar", "files": [], "revision": "",
                "is_made": True, "is_fetched": False}  # fmt: skip

    def batches(
        self, source: dict, part: Part, columns: Collection[str] | None
    ) -> "Iterator[pa.Table]":
        """Slices of the generated table, with all of its columns."""
        sizes = tuple(source["sizes"].items())
        table = _generated(part["dataset"], part["config"], part["split"], source["seed"], sizes)
        for begin in range(0, max(1, table.num_rows), ROWS):
            yield table.slice(begin, ROWS)


@lru_cache(maxsize=16)
def _generated(dataset: str, config: str, split: str, seed: int, sizes: tuple) -> "pa.Table":
    import generated_text  # written apart; only the demo study needs it

    try:
        return generated_text.generate(dataset, config, split, seed=seed, sizes=dict(sizes))
    except generated_text.GrammarError as error:
        raise StudyError(str(error)) from None


SOURCE = Demo()
