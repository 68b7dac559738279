"""One part of a task: its fields, its labels, and a check that there are any."""

from collections import Counter
from collections.abc import Iterable

from xstilts.core.errors import StudyError
from xstilts.data.columns import Read, class_names, stream
from xstilts.data.examples import NORMALISERS
from xstilts.data.labels import RARE, count_names, indexer, masked
from xstilts.data.row_choice import Rows
from xstilts.data.sources import describe

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
    column = LABELLED_BY[kind]
    if how := masked(table[column] for table in stream(part, mapping, kind, read)):
        raise StudyError(
            f"{recipe['task']} in {part['language']}: {how} in column '{mapping[column]}' of "
            f"{describe(part)} (masked, as in XTREME's own test files): use a copy of the data set "
            "with its labels."
        )
    label = indexer(names or [], _own_names(part, mapping[column], read))
    normalise = NORMALISERS[kind]
    return Rows(part, mapping, kind, read, lambda row: normalise(row, label))


def label_names(recipe: dict, splits: Iterable[Iterable[dict]], read: Read) -> list[str] | None:
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
        counts = sum((_count(part, recipe, read) for part in parts), Counter())
        common = {name for name in counts if number == 0 and counts[name] >= fewest}
        kept = common if fewest else set(counts)
        is_rare |= not counts.keys() <= kept | set(names)
        names += sorted(kept - set(names))
    return [*names, RARE] if is_rare else names


def _count(part: dict, recipe: dict, read: Read) -> Counter[str]:
    mapping = part.get("columns", recipe["columns"])
    own = _own_names(part, mapping["tags"], read)
    tables = stream(part, mapping, recipe["kind"], read)
    return sum((count_names(table["tags"], own) for table in tables), Counter())


def _own_names(part: dict, path: str, read: Read) -> list[str] | None:
    return class_names(next(read(part, [path])), path)
