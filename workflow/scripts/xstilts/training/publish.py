"""A target's test sets, and the predictions on them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.canonical import canonical, digest
from xstilts.core.files import file_sha256, write_atomically
from xstilts.core.receipts import read_receipt
from xstilts.encoders.inputs import Inputs
from xstilts.evaluation.cells import MADE_ON
from xstilts.evaluation.metrics import contributions
from xstilts.training.job import PREDICTIONS, Job

SCHEMA = pa.schema(
    [
        ("target", pa.string()),
        ("language", pa.string()),
        ("example_id", pa.string()),
        ("prediction", pa.string()),
        ("gold", pa.string()),
        ("score", pa.list_(pa.float64())),
    ]
)


def predictions_table(
    target: dict[str, str],
    languages: list[str],
    examples: list[str],
    predictions: list[str],
    golds: list[str],
) -> pa.Table:
    """Predictions of one target in all its languages, with each example's contribution.

    `target` is an entry of a recipe's `evaluation`; the lists have one item per example.
    """
    scores: list[list[float]] = [[]] * len(languages)
    for language in sorted(set(languages)):
        rows = [row for row, code in enumerate(languages) if code == language]
        predicted, right = ([column[row] for row in rows] for column in (predictions, golds))
        parts = contributions(target["metric"], predicted, right, language)
        for row, part in zip(rows, parts, strict=True):
            scores[row] = [float(value) for value in part]
    columns = [[target["target"]] * len(languages), languages, examples, predictions, golds, scores]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def open_test(job: Job, target: str, split: str = "test") -> Inputs:
    """The prepared test set of `target`, in all its languages."""
    folders = job.inputs[target]
    activations = Path(folders["activations"]) if "activations" in folders else None
    return Inputs(Path(folders["data"]), split, activations, job.first_layer)


def publish_predictions(job: Job, tables: list[pa.Table]) -> dict[str, str]:
    """Write the predictions file in one step; its name and SHA-256.

    Its metadata name the prepared data that the predictions were made on.
    """
    targets = [evaluated["target"] for evaluated in job.recipe["evaluation"]]
    made_on = {target: _digest_of(Path(job.inputs[target]["data"])) for target in targets}
    table = pa.concat_tables([SCHEMA.empty_table(), *tables])
    table = table.replace_schema_metadata({MADE_ON: canonical(made_on)})
    path = job.folder / PREDICTIONS
    write_atomically(path, lambda file: pq.write_table(table, file, compression="zstd"))
    return {PREDICTIONS: file_sha256(path)}


def _digest_of(data: Path) -> str:
    """Digest of prepared data by what they were made from, whatever their folder is called."""
    return digest(read_receipt(data).get("recipe"))
