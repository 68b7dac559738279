"""Kinds of tasks: each is one object `KIND` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Kind` says what it needs. What is heavy is imported inside of
methods, since a kind is asked for its fields also while a study is planned.
"""

from importlib import import_module
from typing import cast

from xstilts.core.errors import StudyError
from xstilts.core.objects import check_known, object_names
from xstilts.kinds.protocol import Kind, TrainedKind

__all__ = ["Kind", "TrainedKind", "kind_names", "kind_of", "trained_kind_of"]


def kind_names() -> list[str]:
    """Names of all kinds: a sheet's `kind` is one of them."""
    return object_names(__path__)


def kind_of(name: str) -> Kind:
    """The kind of task that is called `name`.

    Raises:
        StudyError: there is none.
    """
    check_known(name, kind_names(), "kind of task")
    return import_module(f"xstilts.kinds.{name}").KIND


def trained_kind_of(name: str) -> TrainedKind:
    """The kind of task that is called `name`, whose head is trained.

    Raises:
        StudyError: there is none, or nothing is trained on tasks of this kind.
    """
    kind = kind_of(name)
    if not kind.is_trained:
        raise StudyError(f"no encoder is trained on tasks of the kind {name}: take another kind.")
    return cast(TrainedKind, kind)
