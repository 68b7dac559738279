"""Sources of data: each is one object `SOURCE` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Source` says what it needs. What is heavy is imported inside of
methods, since a source is asked for what it has also while a study is planned.
"""

from functools import partial

from xstilts.core.objects import object_names, object_of
from xstilts.sources.protocol import Source, Stock

__all__ = ["Source", "Stock", "source_names", "source_of"]

# A config's `source` is one of these.
source_names = partial(object_names, __name__)


def source_of(name: str) -> Source:
    """The source of data that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.sources.", name, "SOURCE", "source of data")
