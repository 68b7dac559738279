"""Sources of translation models: each is one object `SOURCE` in a file of its own.

To add one, add a file: `protocol.TranslatorSource` says what it needs. Nothing heavy is imported,
since a source is asked what it has also while a study is planned.
"""

from functools import partial

from xstilts.core.objects import object_names, object_of
from xstilts.translation.sources.protocol import TranslatorSource, filled_in

__all__ = ["TranslatorSource", "filled_in", "translator_source_names", "translator_source_of"]

# A config's `translated.model.source` is one of these.
translator_source_names = partial(object_names, __name__)


def translator_source_of(name: str) -> TranslatorSource:
    """The source of translation models that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.translation.sources.", name, "SOURCE", "source of translation models")
