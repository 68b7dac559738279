"""An encoder in a local folder of transformers files."""

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.core.files import write_atomically
from xstilts.encoders.sources.methods.transformers_files import depth_in, take
from xstilts.encoders.sources.protocol import EncoderSource, Settings
from xstilts.sources.protocol import Stock

NEEDED = ("config.json", "tokenizer.json")


class Folder(EncoderSource):
    """The folder `encoder.path`."""

    name = "folder"

    def check_settings(self, settings: Settings) -> None:
        """A folder is named."""
        if settings["path"] is None:
            raise StudyError(
                "config: encoder `source: folder` needs encoder.path, a folder of weights."
            )
        super().check_settings(settings)

    def depth(self, settings: Settings) -> float:
        """As config.json says."""
        path = Path(settings["path"]) / "config.json"
        try:
            layers = depth_in(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, AttributeError):
            layers = math.inf
        if layers == math.inf:
            raise StudyError(
                f"config, key 'encoder.path': {path} is missing or gives no num_hidden_layers; "
                "give a folder of transformers files (config.json, model.safetensors, "
                "tokenizer.json)."
            )
        return layers

    def transformers_config(self, settings: Settings) -> dict[str, Any] | None:
        """It lies in the folder."""
        text = (Path(settings["path"]) / "config.json").read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text)
        return content

    def identity(self, settings: Settings, stock: Stock) -> dict[str, Any]:
        """The files by their digests."""
        folder = Path(settings["path"])
        paths = sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")])
        names = {path.name for path in paths}
        for name in NEEDED:
            if name not in names:
                raise StudyError(
                    f"config, key 'encoder.path': {folder} has no {name}; give a folder of "
                    "transformers files (config.json, model.safetensors, tokenizer.json)."
                )
        if not any(name.endswith(".safetensors") for name in names):
            raise StudyError(
                f"config, key 'encoder.path': {folder} has no .safetensors file; "
                "save the weights with safe_serialization=True."
            )
        return {"name": self.name, "files": {path.name: stock.sha256(path) for path in paths}}

    def tokenizer(self, identity: Mapping[str, Any], code: str | None) -> str:
        """The file's digest."""
        return digest(identity["files"]["tokenizer.json"])

    def put(self, identity: Mapping[str, Any], folder: Path, settings: Settings) -> dict[str, Any]:
        """Copied, since the folder is the user's own, who may edit a file of it in place."""
        return take(identity["files"], Path(settings["path"]), folder, _copy, "run again")


def _copy(source: Path, target: Path) -> None:
    write_atomically(target, lambda file: shutil.copyfile(source, file))


SOURCE = Folder()
