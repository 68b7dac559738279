"""An encoder on the Hugging Face Hub, at a pinned commit."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.core.files import link_or_copy
from xstilts.core.paths import MANIFEST, model_folder
from xstilts.encoders.sources.methods.transformers_files import take
from xstilts.encoders.sources.protocol import EncoderSource, Settings
from xstilts.sources.protocol import Stock

OWNER_AND_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class Hub(EncoderSource):
    """The model `encoder.path`."""

    name = "hub"

    def check_settings(self, settings: Settings) -> None:
        """A model is named with its owner."""
        if not OWNER_AND_NAME.fullmatch(settings["path"] or ""):
            raise StudyError(
                "config: encoder `source: hub` needs encoder.path, the model's owner and name "
                "(FacebookAI/xlm-roberta-large)."
            )
        super().check_settings(settings)

    def identity(self, settings: Settings, stock: Stock) -> dict[str, Any]:
        """The model and its commit."""
        model = settings["path"]
        return {"name": self.name, "model": model, "revision": stock.commit(model)}

    def tokenizer(self, identity: Mapping[str, Any], code: str | None) -> str:
        """As the commit has it."""
        return digest(identity)

    def fetched(self, identity: Mapping[str, Any]) -> Path | None:
        """The list of its files."""
        return _folder(identity) / MANIFEST

    def put(self, identity: Mapping[str, Any], folder: Path, settings: Settings) -> dict[str, Any]:
        """The fetched files under further names: gigabytes are not kept twice."""
        from xstilts.encoders.encoder_files import read_json

        fetched = _folder(identity)
        files = read_json(fetched / MANIFEST)["files"]
        return take(files, fetched, folder, link_or_copy, f"delete {fetched} and run again")


def _folder(identity: Mapping[str, Any]) -> Path:
    return model_folder(identity["model"], identity["revision"])


SOURCE = Hub()
