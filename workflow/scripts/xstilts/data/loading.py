"""One part of a task: its fields, its labels, and a check that there are any."""

from collections import Counter
from collections.abc import Iterable

from xstilts.core.column_forms import Column, paths, written
from xstilts.core.errors import StudyError
from xstilts.data.columns import Read, class_names, stream
from xstilts.data.labels import (
    MANY,
    RARE,
    Indexer,
    absent,
    count_names,
    count_values,
    indexer,
    masked,
    shown,
)
from xstilts.data.row_choice import Rows
from xstilts.data.row_kind import RowKind
from xstilts.data.selection import Unit
from xstilts.data.sources import describe


def load(
    part: dict,
    recipe: dict,
    names: list[str] | None,
    read: Read,
    kind: RowKind,
    *,
    trained: bool = False,
) -> Rows:
    """The rows of a part, ready to be made examples; `trained`: of the training set.

    Raises:
        StudyError: the file cannot be read, lacks a column, names its labels otherwise than the
            sheet, lacks a class, or all its labels are masked.
    """
    mapping, field = part.get("columns", recipe["columns"]), kind.labelled_by
    shape = kind.shape.only(field)
    where = f"{recipe['task']} in {part['language']}"
    own = _own_names(part, mapping[field], read) if names else None
    column = f"column '{written(mapping[field])}' of {describe(part)}"
    label = indexer(names or [], own, recipe.get("label_respellings"), f"{where}: {column}")
    if how := masked((table[field] for table in stream(part, mapping, shape, read)), label.name):
        raise StudyError(
            f"{where}: {how} in {column} (masked, as in XTREME's own test files): use a copy of "
            "the data set with its labels."
        )
    if names:
        counts = count_values(table[field] for table in stream(part, mapping, shape, read))
        needed = trained and kind.needs_every_class and counts.total() >= MANY
        _check_classes(counts, label, where, (describe(part), written(mapping[field])), needed)
    return Rows(part, mapping, kind.shape, read, lambda row: kind.example(row, label))


def load_all(
    unit: Unit, recipe: dict, names: list[str] | None, read: Read, kind: RowKind
) -> list[Rows]:
    """The rows of all parts of a unit; see `load`."""
    trained = unit.split == "train"
    return [load(part, recipe, names, read, kind, trained=trained) for part in unit.parts]


def _check_classes(
    counts: Counter[object], label: Indexer, where: str, place: tuple[str, str], needed: bool
) -> None:
    """Whether rows of a class that has none may hide behind a name that is not the sheet's.

    `place` is part and column; `needed`: each class must have rows, whatever names there are.
    """
    missing, unknown = absent(counts, label)
    if not missing or not (unknown or needed):
        return
    part, column = place
    sentence = f"{where}: no row of {part} is labelled {shown(missing)} in column '{column}'"
    if not unknown:
        raise StudyError(f"{sentence}: use data with every label of the sheet, or correct it.")
    total = unknown.total()
    raise StudyError(
        f"{sentence}, and {total} {'has' if total == 1 else 'have'} a label that the sheet lacks "
        f"({shown(name for name, _ in unknown.most_common())}): name it under label_respellings "
        "in the sheet, or correct the file."
    )


def label_names(
    recipe: dict, splits: Iterable[Iterable[dict]], read: Read, kind: RowKind
) -> list[str] | None:
    """The label names of a task, in the order of their indices.

    Collected from the data where the recipe says so: those of the first split (train) sorted, then
    those that only a later split has. Never learnt, these count as errors there instead of dropping
    out of the score. With `rare_below` in the recipe, names that train has fewer times make way for
    RARE, which comes last.
    """
    if recipe["labels"] != "from_data":
        return recipe["labels"]
    names: list[str] = []
    fewest = recipe.get("rare_below", 0)
    is_rare = False
    for number, parts in enumerate(splits):
        counts = sum((_count(part, recipe, read, kind) for part in parts), Counter())
        common = {name for name in counts if number == 0 and counts[name] >= fewest}
        kept = common if fewest else set(counts)
        is_rare |= not counts.keys() <= kept | set(names)
        names += sorted(kept - set(names))
    for name in names if kind.joins_labels else ():
        if name.split() != [name]:
            raise StudyError(
                f"{recipe['task']}: the data hold the tag {name!r} with white space in it, which "
                "stands between tags in predictions; write it with an underscore in the data."
            )
    return [*names, RARE] if is_rare else names


def _count(part: dict, recipe: dict, read: Read, kind: RowKind) -> Counter[str]:
    mapping, field = part.get("columns", recipe["columns"]), kind.labelled_by
    own = _own_names(part, mapping[field], read)
    tables = stream(part, mapping, kind.shape.only(field), read)
    return count_names(count_values(table[field] for table in tables), own)


def _own_names(part: dict, column: Column, read: Read) -> list[str] | None:
    return class_names(next(read(part, paths(column))), column)
