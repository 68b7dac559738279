"""What each training set of a study shares with each test set, by the texts of prepared data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xstilts.core.naming import FROM
from xstilts.core.receipts import read_receipt
from xstilts.data.store import open_split

SHARED = pa.schema(
    [
        ("training_set", pa.string()),
        ("target", pa.string()),
        ("training_examples", pa.int64()),
        ("dropped", pa.int64()),
        ("left_exact", pa.int64()),
        ("left_normalised", pa.int64()),
        ("languages", pa.string()),
        ("named", pa.bool_()),
    ]
)
"""A row is a training set and a test set. `training_examples` are those trained on, `dropped` those
left out because of this test set; `left_exact` and `left_normalised` count, of those trained on,
who has a text of the test set to the letter, or but for punctuation, blanks and case; `languages`
are those of the test set that have such texts, with the number of its examples; `named`: the sheet
names the test set under `apart_from`."""


@dataclass(frozen=True)
class Texts:
    """Fingerprints of a split's texts, sorted, each with the example that it is of."""

    values: np.ndarray
    examples: np.ndarray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> "Texts":
        """The texts of a column of lists of fingerprints."""
        lengths = pc.fill_null(pc.list_value_length(column), 0)
        counts, values = lengths.to_numpy(), pc.list_flatten(column).to_numpy()
        order = np.argsort(values, kind="stable")
        return cls(values[order], np.repeat(np.arange(len(counts)), counts)[order])

    def sharing(self, other: "Texts") -> np.ndarray:
        """The examples that have a text of `other`, ascending."""
        if not len(other.values):
            return np.empty(0, int)
        nearest = np.searchsorted(other.values, self.values)
        nearest[nearest == len(other.values)] = 0
        return np.unique(self.examples[other.values[nearest] == self.values])


def shared_texts(training: Mapping[str, Path], tests: Mapping[str, Path]) -> pa.Table:
    """Every training set against every test set.

    Args:
        training: folders of prepared data, by task.
        tests: likewise, of the targets.

    Returns:
        The columns of `SHARED`, in the order of `training` and `tests`.

    Raises:
        StudyError: prepared data are missing or damaged.
    """
    exams = {target: open_split(folder / "test.arrow").table for target, folder in tests.items()}
    own = {
        target: (Texts.of(table["exact"]), Texts.of(table["normalised"]))
        for target, table in exams.items()
    }
    languages = {
        target: np.array(table["language"].to_pylist(), object) for target, table in exams.items()
    }
    rows = [row for name, folder in training.items() for row in _rows(name, folder, own, languages)]
    return pa.Table.from_pylist(rows, schema=SHARED)


def _rows(
    name: str,
    folder: Path,
    tests: Mapping[str, tuple[Texts, Texts]],
    languages: Mapping[str, np.ndarray],
) -> Iterator[dict[str, Any]]:
    table = open_split(folder / "train.arrow").table
    exact, normalised = Texts.of(table["exact"]), Texts.of(table["normalised"])
    known = read_receipt(folder).get("shared_texts", {}).get("shared_with", {})
    for target, (their_exact, theirs) in tests.items():
        # A sheet names a task, whatever language a target of that name is trained in (`pos@de`).
        own = target.partition(FROM)[0]
        examined = languages[target][theirs.sharing(normalised)]
        yield {
            "training_set": name,
            "target": target,
            "training_examples": table.num_rows,
            "dropped": sum(known.get(own, {}).values()),
            "left_exact": len(exact.sharing(their_exact)),
            "left_normalised": len(normalised.sharing(theirs)),
            "languages": ", ".join(_counted(examined)),
            "named": own in known,
        }


def _counted(languages: np.ndarray) -> list[str]:
    """Each language with its number of examples, the most first."""
    codes, counts = np.unique(languages.astype(str), return_counts=True)
    order = np.lexsort((codes, -counts))
    return [f"{codes[number]} {counts[number]}" for number in order]


def unnamed(table: pa.Table) -> list[str]:
    """A sentence per training set on what it shares with test sets that its sheet does not name."""
    shared_by: dict[str, list[str]] = {}
    for row in table.to_pylist():
        if row["left_normalised"] and not row["named"]:
            shared = f"{row['target']} ({row['left_normalised']} of {row['training_examples']})"
            shared_by.setdefault(row["training_set"], []).append(shared)
    return [
        f"{name} trains on examples whose text a test set has too: {', '.join(shared)}; name the "
        f"test sets under apart_from in resources/tasks/{_sheet(name)}.yaml to leave the "
        "examples out."
        for name, shared in shared_by.items()
    ]


def _sheet(task: str) -> str:
    """The task whose sheet a training set has (`mnli+translated`, `ner@de`)."""
    return task.partition("+")[0].partition(FROM)[0]
