"""Sources of data: each is one object `SOURCE` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Source` says what it needs. What is heavy is imported inside of
methods, since a source is asked for what it has also while a study is planned.
"""

from importlib import import_module

from xstilts.core.objects import check_known, object_names
from xstilts.sources.protocol import Source, Stock

__all__ = ["Source", "Stock", "source_names", "source_of"]


def source_names() -> list[str]:
    """Names of all sources: a config's `source` is one of them."""
    return object_names(__path__)


def source_of(name: str) -> Source:
    """The source of data that is called `name`.

    Raises:
        StudyError: there is none.
    """
    check_known(name, source_names(), "source of data")
    return import_module(f"xstilts.sources.{name}").SOURCE
