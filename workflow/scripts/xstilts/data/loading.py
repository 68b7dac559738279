"""One part of a task: its fields, its labels, and a check that there are any."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from xstilts.data.columns import class_names, fields
from xstilts.data.examples import NORMALISERS
from xstilts.data.labels import indexer, masked, names_in
from xstilts.data.selection import Rows
from xstilts.data.sources import describe
from xstilts.study.errors import StudyError

Read = Callable[[dict], pa.Table]

LABELLED_BY = {
    "pair_classification": "label",
    "multiple_choice": "label",
    "tagging": "tags",
    "span_qa": "answers",
}


def load(part: dict, recipe: dict, names: list[str] | None, read: Read) -> Rows:
    """The rows of a part, ready to be made examples.

    Raises:
        StudyError: the file cannot be read, lacks a column, or all its labels are masked.
    """
    kind, mapping = recipe["kind"], part.get("columns", recipe["columns"])
    published = read(part)
    table = fields(published, mapping, kind, part)
    column = LABELLED_BY[kind]
    if how := masked(table[column]):
        raise StudyError(
            f"{recipe['task']} in {part['language']}: {how} in column '{mapping[column]}' of "
            f"{describe(part)} (masked, as in XTREME's own test files): use a copy of the data set "
            "with its labels."
        )
    label = indexer(names or [], class_names(published, mapping[column]))
    normalise = NORMALISERS[kind]
    return Rows(part, table, lambda row: normalise(row, label), mapping)


def label_names(recipe: dict, splits: Iterable[Iterable[dict]], read: Read) -> list[str] | None:
    """The label names of a task, in the order of their indices.

    Collected from the data where the recipe says so: those of the first split (train) sorted, then
    those that only a later split has. Never learnt, these count as errors there instead of dropping
    out of the score.
    """
    if recipe["labels"] != "from_data":
        return recipe["labels"]
    names: list[str] = []
    for parts in splits:
        found: set[str] = set()
        for part in parts:
            table, mapping = read(part), part.get("columns", recipe["columns"])
            tags = fields(table, mapping, recipe["kind"], part)["tags"]
            found.update(names_in(tags, class_names(table, mapping["tags"])))
        names += sorted(found - set(names))
    return names
