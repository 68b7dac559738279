"""Reading a run's predictions, one language at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError


@dataclass(frozen=True)
class Predictions:
    """The examples of one language, in the order of the file.

    `contributions` is float [examples, 1 or 3]; `columns` are the other ones that were asked for.
    """

    contributions: np.ndarray
    columns: dict[str, pa.Array]

    def texts(self, column: str) -> list[str]:
        """The values of a column of strings."""
        return self.columns[column].to_pylist()


def read_predictions(
    path: str | Path, target: str, columns: Collection[str] = ()
) -> dict[str, Predictions]:
    """Predictions for `target` by language; reads the scores and `columns` and nothing else.

    Raises:
        StudyError: the file cannot be read, lacks a column, or its scores are not one number or
            three counts in each row.
    """
    wanted = ["target", "language", "score", *columns]
    try:
        table = pq.read_table(path, columns=wanted)
    except (OSError, pa.ArrowException) as error:
        raise StudyError(
            f"Cannot read the predictions {path}: {error}; make them again."
        ) from error
    if missing := sorted(set(wanted) - set(table.column_names)):
        raise StudyError(f"The predictions {path} lack the columns {missing}; make them again.")
    table = table.filter(pc.equal(table["target"], target)).combine_chunks()
    contributions = _contributions(table["score"], path)
    languages = table["language"].to_numpy()
    found = {}
    for language in pc.unique(table["language"]).to_pylist():
        rows = np.flatnonzero(languages == language)
        taken = {name: table[name].take(pa.array(rows)).combine_chunks() for name in columns}
        found[language] = Predictions(contributions[rows], taken)
    return found


def _contributions(column: pa.ChunkedArray, path: str | Path) -> np.ndarray:
    if not len(column):
        return np.empty((0, 1))
    lengths = pc.unique(pc.list_value_length(column)).to_pylist()
    flat = pc.list_flatten(column).to_numpy()
    if lengths not in ([1], [3]) or not np.isfinite(flat).all():
        raise StudyError(
            f"The scores in {path} must be one finite number or three counts in each row; "
            "make the predictions again."
        )
    return flat.reshape(len(column), lengths[0])
