"""A translation model on the Hugging Face Hub, at a pinned commit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.paths import MANIFEST, translator_folder
from xstilts.sources.protocol import Stock
from xstilts.translation.sources.protocol import TranslatorSource


class Hub(TranslatorSource):
    """The model `translated.model.path`, fetched by the study itself."""

    name = "hub"

    def identity(self, path: str, stock: Stock) -> dict[str, Any]:
        """The model and its commit."""
        return {"name": self.name, "model": path, "revision": stock.commit(path)}

    def fetched(self, identity: Mapping[str, Any]) -> Path | None:
        """The list of its files."""
        return self.folder(identity, "") / MANIFEST

    def folder(self, identity: Mapping[str, Any], path: str) -> Path:
        """Among the downloads."""
        return translator_folder(identity["model"], identity["revision"])


SOURCE = Hub()
