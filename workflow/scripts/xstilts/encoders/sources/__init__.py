"""Sources of encoders: each is one object `SOURCE` in a file of its own, which nothing else names.

To add one, add a file: `protocol.EncoderSource` says what it needs. What is heavy is imported
inside of methods, since a source is asked what it has also while a study is planned.
"""

from functools import partial

from xstilts.core.objects import object_names, object_of
from xstilts.encoders.sources.protocol import EncoderSource

__all__ = ["EncoderSource", "encoder_source_names", "encoder_source_of"]

# A config's `encoder.source` is one of these.
encoder_source_names = partial(object_names, __name__)


def encoder_source_of(name: str) -> EncoderSource:
    """The source of encoders that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.encoders.sources.", name, "SOURCE", "source of encoders")
