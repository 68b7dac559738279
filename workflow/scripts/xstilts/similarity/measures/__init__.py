"""Measures of similarity: each is one object `MEASURE` in a file of its own, named by nothing else.

To add one, add a file: `protocol.Measure` says what it needs. A config may name it then. What is
heavy is imported inside of methods, since measures are asked for while a study is planned.
"""

from functools import partial

from xstilts.core.objects import object_names, object_of
from xstilts.similarity.measures.protocol import Fitted, Measure

__all__ = ["Fitted", "Measure", "measure_names", "measure_of"]

# The measures of a config are among these.
measure_names = partial(object_names, __name__)


def measure_of(name: str) -> Measure:
    """The measure that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.similarity.measures.", name, "MEASURE", "measure of similarity")
