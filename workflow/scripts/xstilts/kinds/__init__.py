"""Kinds of tasks: each is one object `KIND` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Kind` says what it needs. What is heavy is imported inside of
methods, since a kind is asked for its fields also while a study is planned.
"""

from functools import partial
from typing import cast

from xstilts.core.errors import StudyError
from xstilts.core.objects import object_names, object_of
from xstilts.kinds.protocol import Kind, TrainedKind

__all__ = ["Kind", "TrainedKind", "kind_names", "kind_of", "trained_kind_of"]

# A sheet's `kind` is one of these.
kind_names = partial(object_names, __name__)


def kind_of(name: str) -> Kind:
    """The kind of task that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.kinds.", name, "KIND", "kind of task")


def trained_kind_of(name: str) -> TrainedKind:
    """The kind of task that is called `name`, whose head is trained.

    Raises:
        StudyError: there is none, or nothing is trained on tasks of this kind.
    """
    kind = kind_of(name)
    if not kind.is_trained:
        raise StudyError(f"no encoder is trained on tasks of the kind {name}: take another kind.")
    return cast(TrainedKind, kind)
