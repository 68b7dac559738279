"""What a source of translation models is: everything about it that differs from other sources.

`path` is the config's `translated.model.path`, with the language filled in; `identity` is what the
recipe of a translation says of the model's source: which bytes it consists of.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from xstilts.sources.protocol import Stock


class TranslatorSource(Protocol):
    """Where a translation model comes from.

    Attributes:
        name: of the source in configs and recipes.
    """

    name: str

    @abstractmethod
    def identity(self, path: str, stock: Stock) -> dict[str, Any]:
        """Which bytes the model consists of; `name` is in it.

        `stock.commit` is that of a model of the Hub.

        Raises:
            StudyError: files are missing.
        """

    def fetched(self, identity: Mapping[str, Any]) -> Path | None:
        """The file that is there once the model is fetched; None where nothing is."""
        return None

    @abstractmethod
    def folder(self, identity: Mapping[str, Any], path: str) -> Path:
        """Where the model's files lie when a job reads them.

        Raises:
            StudyError: they are no longer those that the study was planned with.
        """


def filled_in(text: str, settings: Mapping[str, Any], language: str) -> str:
    """`text` with {code} as the model of the config's `translated.model` calls `language`."""
    code: str = settings.get("codes", {}).get(language, language)
    return text.replace("{code}", code)
