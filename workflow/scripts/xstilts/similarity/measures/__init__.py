"""Measures of similarity: each is one object `MEASURE` in a file of its own, named by nothing else.

To add one, add a file: `protocol.Measure` says what it needs. A config may name it then. What is
heavy is imported inside of methods, since measures are asked for while a study is planned.
"""

from importlib import import_module

from xstilts.core.objects import check_known, object_names
from xstilts.similarity.measures.protocol import Fitted, Measure

__all__ = ["Fitted", "Measure", "measure_names", "measure_of"]


def measure_names() -> list[str]:
    """Names of all measures: those of a config are among them."""
    return object_names(__path__)


def measure_of(name: str) -> Measure:
    """The measure that is called `name`.

    Raises:
        StudyError: there is none.
    """
    check_known(name, measure_names(), "measure of similarity")
    return import_module(f"xstilts.similarity.measures.{name}").MEASURE
