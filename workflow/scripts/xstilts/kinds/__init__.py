"""Kinds of tasks: each is one object `KIND` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Kind` says what it needs. What is heavy is imported inside of
methods, since a kind is asked for its fields also while a study is planned.
"""

import pkgutil
from importlib import import_module

from xstilts.core.errors import StudyError, nearest
from xstilts.kinds.protocol import Kind, TrainedKind

__all__ = ["Kind", "TrainedKind", "kind_names", "kind_of"]


def kind_names() -> list[str]:
    """Names of all kinds: a sheet's `kind` is one of them."""
    found = (module for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    return sorted(module.name for module in found if module.name != "protocol")


def kind_of(name: str) -> Kind:
    """The kind of task that is called `name`.

    Raises:
        StudyError: there is none.
    """
    known = kind_names()
    if name not in known:
        raise StudyError(f"No kind of task is called '{name}'; {nearest(name, known)}")
    return import_module(f"xstilts.kinds.{name}").KIND
