"""Reading a run's predictions, one language at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics import Metric


@dataclass(frozen=True)
class Predictions:
    """The examples of one language, in the order of the file.

    `contributions` is float [examples, width of the metric]; `columns` are the other ones that
    were asked for.
    """

    contributions: np.ndarray
    columns: dict[str, pa.Array]

    def texts(self, column: str) -> list[str]:
        """The values of a column of strings."""
        return self.columns[column].to_pylist()


def read_predictions(
    path: str | Path,
    target: str,
    columns: Collection[str] = (),
    metric: Metric | None = None,
    languages: Collection[str] | None = None,
) -> dict[str, Predictions]:
    """Predictions for `target` by language; reads the scores and `columns` and nothing else.

    `metric` is the target's primary one, where it is known, which the scores were made by;
    `languages` are those to read (None: all), as a run may have been asked for more.

    Raises:
        StudyError: the file cannot be read, lacks a column, or its scores are not finite numbers,
            in a language as many for each example, or not as many as the metric takes.
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
    column = table["language"].to_numpy()
    by_language = {}
    for language in pc.unique(table["language"]).to_pylist():
        if languages is not None and language not in languages:
            continue
        rows = pa.array(np.flatnonzero(column == language))
        taken = {name: table[name].take(rows).combine_chunks() for name in columns}
        contributions = _contributions(table["score"].take(rows), metric, path)
        by_language[language] = Predictions(contributions, taken)
    return by_language


def _contributions(column: pa.ChunkedArray, metric: Metric | None, path: str | Path) -> np.ndarray:
    """Of the examples of one language: [examples, width]."""
    widths = pc.unique(pc.list_value_length(column)).to_pylist()
    flat = pc.list_flatten(column).to_numpy()
    if widths in ([0], [None]) or len(widths) != 1 or not np.isfinite(flat).all():
        raise StudyError(
            f"The scores in {path} must be finite numbers, as many in each row of a language; "
            "make the predictions again."
        )
    if metric and not metric.takes(widths[0]):
        raise StudyError(
            f"The scores in {path} are {widths[0]} numbers in each row, but {metric.paper_name} "
            f"takes {metric.width}; make the predictions again."
        )
    return flat.reshape(len(column), widths[0])
