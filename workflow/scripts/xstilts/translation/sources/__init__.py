"""Sources of translation models: each is one object `SOURCE` in a file of its own.

To add one, add a file: `protocol.TranslatorSource` says what it needs. Nothing heavy is imported,
since a source is asked what it has also while a study is planned.
"""

from importlib import import_module

from xstilts.core.objects import check_known, object_names
from xstilts.translation.sources.protocol import TranslatorSource, filled_in

__all__ = ["TranslatorSource", "filled_in", "translator_source_names", "translator_source_of"]


def translator_source_names() -> list[str]:
    """Names of all: a config's `translated.model.source` is one of them."""
    return object_names(__path__)


def translator_source_of(name: str) -> TranslatorSource:
    """The source of translation models that is called `name`.

    Raises:
        StudyError: there is none.
    """
    check_known(name, translator_source_names(), "source of translation models")
    return import_module(f"xstilts.translation.sources.{name}").SOURCE
