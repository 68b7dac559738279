"""What the reading of rows needs to know of a kind of task."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from typing import Any, Protocol


class Label(Protocol):
    """What turns a label of a file into its index among the task's `labels`."""

    @property
    def labels(self) -> Sized:
        """The task's labels, of which it is asked how many there are."""
        ...

    def __call__(self, value: object) -> int:
        """The index of a label; RowError if it is none of the task's."""
        ...

    def is_merged(self, value: object) -> bool:
        """Whether a label counts as another one than its own."""
        ...


NAMED = ("name", "names")
"""Types of a field that holds labels which a sheet lists."""


@dataclass(frozen=True)
class Shape:
    """The fields of a row, each with the word for its type (`columns.TYPES`).

    Attributes:
        required: fields that a sheet has to map a column to.
        optional: fields that it may map a column to.
    """

    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)

    def only(self, name: str) -> "Shape":
        """The one field `name` of these."""
        return Shape({name: self.type_of(name)})

    def type_of(self, name: str) -> str:
        """The word for the type of a field; every row may have an id."""
        return ({"id": "name"} | {**self.optional, **self.required})[name]


class RowKind(Protocol):
    """The part of `kinds.protocol.Kind` that makes examples of rows.

    Attributes:
        shape: fields of a row.
        labelled_by: the field that holds the label, tags or answers; "" where there is none.
        needs_every_class: whether labels are classes of examples, each of which training must meet.
        joins_labels: whether predictions join the labels of an example by blanks, so that no label
            may have white space in it.
    """

    shape: Shape
    labelled_by: str
    needs_every_class: bool = False
    joins_labels: bool = False

    @property
    def has_labels(self) -> bool:
        """Whether its labels have names, which a sheet lists or the data give."""
        return bool(self.labelled_by) and self.shape.type_of(self.labelled_by) in NAMED

    def example(self, row: dict, label: Label) -> Any:
        """The example of a row of checked fields; RowError where it cannot be used."""
        ...

    def label_indices(self, record: dict) -> list[int]:
        """Indices of all labels of a prepared example, which its receipt counts by name."""
        ...

    def remarks(self, example: Any, record: dict) -> dict[str, int]:
        """What is amiss with an example, or its record, and how many of its parts that concerns."""
        ...
