"""Sources of encoders: each is one object `SOURCE` in a file of its own, which nothing else names.

To add one, add a file: `protocol.EncoderSource` says what it needs. What is heavy is imported
inside of methods, since a source is asked what it has also while a study is planned.
"""

from importlib import import_module

from xstilts.core.objects import check_known, object_names
from xstilts.encoders.sources.protocol import EncoderSource

__all__ = ["EncoderSource", "encoder_source_names", "encoder_source_of"]


def encoder_source_names() -> list[str]:
    """Names of all sources of encoders: a config's `encoder.source` is one of them."""
    return object_names(__path__)


def encoder_source_of(name: str) -> EncoderSource:
    """The source of encoders that is called `name`.

    Raises:
        StudyError: there is none.
    """
    check_known(name, encoder_source_names(), "source of encoders")
    return import_module(f"xstilts.encoders.sources.{name}").SOURCE
