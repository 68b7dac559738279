"""A translation model in a local folder of transformers files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged
from xstilts.sources.protocol import Stock
from xstilts.translation.sources.protocol import TranslatorSource


class Folder(TranslatorSource):
    """The folder `translated.model.path`."""

    name = "folder"

    def identity(self, path: str, stock: Stock) -> dict[str, Any]:
        """All files by their digests: a tokenizer may be JSON, text or a sentencepiece model."""
        files = sorted(file for file in Path(path).glob("*") if file.is_file())
        if not any(file.name == "config.json" for file in files):
            raise StudyError(
                f"config, key 'translated.model.path': {path} has no config.json; give a folder "
                "of transformers files (config.json, model.safetensors and a tokenizer)."
            )
        return {"name": self.name, "files": {file.name: stock.sha256(file) for file in files}}

    def folder(self, identity: Mapping[str, Any], path: str) -> Path:
        """The user's own, as it was when the study was planned."""
        check_unchanged(path, identity["files"])
        return Path(path)


SOURCE = Folder()
