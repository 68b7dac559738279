"""One part of a task: its fields, its labels, and a check that there are any."""

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

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
from xstilts.data.sources import describe
from xstilts.data.split_rows import Unit


def load(part: dict, recipe: dict, names: list[str] | None, read: Read, kind: RowKind) -> Rows:
    """The rows of a part, ready to be made examples.

    Raises:
        StudyError: the file cannot be read, lacks a column, names its labels otherwise than the
            sheet, or all its labels are masked.
    """
    mapping, field = part.get("columns", recipe["columns"]), kind.labelled_by
    shape, label = kind.shape.only(field), _indexer(part, recipe, names, read, kind)
    where, column = f"{recipe['task']} in {part['language']}", (describe(part), mapping[field])
    if how := masked((table[field] for table in stream(part, mapping, shape, read)), label.name):
        raise StudyError(
            f"{where}: {how} in column '{written(mapping[field])}' of {describe(part)} (masked, as "
            "in XTREME's own test files): use a copy of the data set with its labels."
        )
    if names:
        missing, unknown = absent(_counts(part, recipe, read, kind), label)
        if missing and unknown:
            _refuse(where, column, missing, unknown)
    return Rows(part, mapping, kind.shape, read, lambda row: kind.example(row, label))


def load_all(
    unit: Unit, recipe: dict, names: list[str] | None, read: Read, kind: RowKind
) -> list[Rows]:
    """The rows of all parts of a unit; see `load`.

    Raises:
        StudyError: as `load`; or no row that is trained on has one of the classes.
    """
    loaded = [load(part, recipe, names, read, kind) for part in unit.parts]
    if names and unit.split == "train" and kind.needs_every_class:
        _check_every_class(unit, recipe, names, read, kind)
    return loaded


def _indexer(
    part: dict, recipe: dict, names: list[str] | None, read: Read, kind: RowKind
) -> Indexer:
    """What turns the labels of a part into indices into `names`."""
    column = part.get("columns", recipe["columns"])[kind.labelled_by]
    own = _own_names(part, column, read) if names else None
    column_named = f"column '{written(column)}' of {describe(part)}"
    where = f"{recipe['task']} in {part['language']}: {column_named}"
    respellings, merged = (recipe.get(key) for key in ("label_respellings", "merged_labels"))
    return indexer(names or [], own, respellings, where, merged)


def _counts(part: dict, recipe: dict, read: Read, kind: RowKind) -> Counter[object]:
    mapping, field = part.get("columns", recipe["columns"]), kind.labelled_by
    tables = stream(part, mapping, kind.shape.only(field), read)
    return count_values(table[field] for table in tables)


def _check_every_class(
    unit: Unit, recipe: dict, names: list[str], read: Read, kind: RowKind
) -> None:
    """Whether each class has rows in one of the parts; two of them may not have the same classes.

    Social IQa has three choices and COPA two, where both are one training set.
    """
    missing, rows = set(names), 0
    for part in unit.parts:
        counts = _counts(part, recipe, read, kind)
        missing &= set(absent(counts, _indexer(part, recipe, names, read, kind))[0])
        rows += counts.total()
    if missing and rows >= MANY:
        parts = " and ".join(describe(part) for part in unit.parts)
        column = unit.parts[0].get("columns", recipe["columns"])[kind.labelled_by]
        ordered = [name for name in names if name in missing]
        _refuse(f"{recipe['task']} in {unit.language}", (parts, column), ordered, Counter())


def _refuse(
    where: str, column_of: tuple[str, Column], missing: list[str], unknown: Counter[str]
) -> NoReturn:
    """Rows of a class that has none may hide behind a name that is not the sheet's.

    `column_of` is part and column.
    """
    part, column = column_of
    which = f"labelled {shown(missing)} in column '{written(column)}'"
    sentence = f"{where}: no row of {part} is {which}"
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
    column = part.get("columns", recipe["columns"])[kind.labelled_by]
    return count_names(_counts(part, recipe, read, kind), _own_names(part, column, read))


def _own_names(part: dict, column: Column, read: Read) -> list[str] | None:
    return class_names(next(read(part, paths(column))), column)
