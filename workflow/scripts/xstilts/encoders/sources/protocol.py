"""What a source of encoders is: everything about it that differs from other sources.

`settings` are the config's `encoder`; `identity` is what an encoder's recipe says of its source:
which bytes it consists of.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from xstilts.core.errors import StudyError
from xstilts.sources.protocol import Stock

Settings = Mapping[str, Any]


class EncoderSource(Protocol):
    """Where the pretrained encoder of a study comes from.

    Attributes:
        name: of the source in configs and recipes.
        is_made: whether code of the project makes the files, whose digest then names what depends
            on them; of files that are copied the bytes do.
    """

    name: str
    is_made: bool = False

    def check_settings(self, settings: Settings) -> None:
        """Whether the config says all that this source needs, and no more than it can do.

        Raises:
            StudyError: it does not.
        """
        if settings["layers"] is not None:
            raise StudyError(
                "config, key 'encoder.layers': only the demo encoder can be shortened; leave the "
                f"key out with `source: {self.name}`."
            )

    def depth(self, settings: Settings) -> float:
        """Number of layers, as far as it is known before anything is fetched (else infinite).

        Raises:
            StudyError: the encoder is not there.
        """
        return math.inf

    def transformers_config(self, settings: Settings) -> dict[str, Any] | None:
        """What config.json says, where it can be read while a study is planned."""
        return None

    def pretrained_model(self, settings: Settings) -> str:
        """Names by which one may know what text the encoder was pretrained on."""
        return f"{settings['path'] or ''} {settings['name']}"

    @abstractmethod
    def identity(self, settings: Settings, stock: Stock) -> dict[str, Any]:
        """Which bytes the encoder consists of; `name` is in it.

        `stock.commit` is that of a model of the Hub.

        Raises:
            StudyError: files are missing.
        """

    @abstractmethod
    def tokenizer(self, identity: Mapping[str, Any], code: str | None) -> str:
        """Digest of the tokenizer. `code` is that of the code that makes it (see `is_made`)."""

    def fetched(self, identity: Mapping[str, Any]) -> Path | None:
        """The file that is there once the encoder is fetched; None where nothing is."""
        return None

    @abstractmethod
    def put(self, identity: Mapping[str, Any], folder: Path, settings: Settings) -> dict[str, Any]:
        """Fill `folder` with the encoder's files; what its receipt says of that.

        Of `settings`, only where files lie is read.

        Raises:
            StudyError: a file is missing, damaged, or not the one that the study was planned with.
        """
