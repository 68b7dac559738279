"""One task's training examples in one language: the artifact behind a row `<task>+translated`."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged, file_sha256, write_atomically
from xstilts.data import sources
from xstilts.data.columns import Read
from xstilts.data.row_faults import DROPPED_SHARE, Faults
from xstilts.data.split_rows import Unit
from xstilts.kinds import TrainedKind, trained_kind_of
from xstilts.kinds.protocol import Translate
from xstilts.preparation.test_sets import texts_of

FILE = "train.parquet"
CHUNK = 256
# How a file holds a field, by the word for its type in a kind's shape.
TYPES = {
    "text": pa.string(),
    "name": pa.int64(),
    "number": pa.float64(),
    "texts": pa.list_(pa.string()),
    "integers": pa.list_(pa.int64()),
}
KEPT = {"translated", "found by marker", "found by likeness", "without an answer"}


def translate_task(
    recipe: dict,
    translate: Translate,
    folder: Path,
    data_root: Path | None = None,
    *,
    dropped_share: float = DROPPED_SHARE,
) -> dict:
    """Write train.parquet into `folder`; return the facts for the receipt.

    Every English example that the task trains on is translated into one of the languages, by the
    hash of its id; `recipe["share"]` says which part this language has. `how` counts what came of
    the examples, `problems` says of how many nothing did.

    Args:
        recipe: task, kind, labels, columns, source, splits.train, limits.train, sampling_seed,
            language, share (number, of), align and likeness.
        translate: from English sentences to the language's, in their order.
        folder: where the file goes.
        data_root: the folder of the data sets, for the source "folder".
        dropped_share: largest share of the English rows that may be faulty.

    Raises:
        StudyError: no example is left, too many are faulty, or the English data cannot be read.
    """
    kind, language = trained_kind_of(recipe["kind"]), recipe["language"]
    check_unchanged(data_root, recipe["source"].get("files", {}))
    faults = Faults(f"{recipe['task']} train en")
    how: Counter[str] = Counter()
    read = partial(sources.batches, {**recipe["source"], "root": data_root})
    apart = texts_of(recipe.get("apart_from", {}), read)
    examples, rows = _examples(recipe, kind, read, faults), []
    examples = (example for example in examples if apart.takes(kind.texts(example)))
    while chunk := list(islice(examples, CHUNK)):
        rows += kind.translated_rows(chunk, translate, recipe, how)
    faults.refuse(dropped_share)
    lost = {reason: count for reason, count in how.items() if reason not in KEPT}
    where = f"{recipe['task']} in {language}"
    if not rows:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in sorted(lost.items()))
        reasons = " ".join([*([reasons] if reasons else []), *apart.sentences(recipe["task"])])
        raise StudyError(f"{where}: translation left no example: {reasons or 'there were none'}.")
    table = pa.Table.from_pylist(rows, schema=_schema(kind))
    write_atomically(folder / FILE, lambda file: pq.write_table(table, file, compression="zstd"))
    total = sum(how.values())
    return {
        "recipe": recipe,
        "files": {FILE: file_sha256(folder / FILE)},
        "rows": len(rows),
        "how": dict(sorted(how.items())),
        "problems": [
            *faults.sentences(),
            *apart.sentences(recipe["task"]),
            *(f"{where}: {count} of {total} left out, {reason}." for reason, count in lost.items()),
        ],
    }


def _schema(kind: TrainedKind) -> pa.Schema:
    """Columns are the fields that a task sheet maps columns to, under their own names."""
    fields = {name: TYPES[kind.shape.type_of(name)] for name in kind.translated_fields}
    return pa.schema({"id": pa.string()} | fields)


def _examples(recipe: dict, kind: TrainedKind, read: Read, faults: Faults) -> Iterator[object]:
    """English examples of this language's share, as the task's own preparation chooses them."""
    parts = recipe["splits"]["train"]
    turn = recipe["share"]["number"], recipe["share"]["of"]
    unit = Unit("train", "en", tuple(parts), recipe["limits"]["train"], turn=turn)
    return kind.examples(unit, recipe, recipe["labels"], read, faults)
