"""Stage 2: fine-tune on a target's English training set and predict in all its languages."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from xstilts.core.receipts import read_receipt
from xstilts.encoders.weights import save_trained
from xstilts.training.device import Usage
from xstilts.training.fine_tune import Fitted, fit
from xstilts.training.job import DIVERGED, WEIGHTS, Job, finish, lost_parent, making
from xstilts.training.publish import SCHEMA, open_test, predictions_table, publish_predictions


def finetune_target(job: Job) -> None:
    """Make the run of `job`: predictions for every target in its recipe, and its receipt.

    Where the intermediate run, or this one, diverged, the predictions are an empty table.
    """
    usage = Usage(job.device, job.recipe["precision"])
    with making(job) as must_run:
        if not must_run:
            return
        if reason := lost_parent(job):
            facts: dict[str, Any] = {"status": DIVERGED, "reason": reason, "dev": {}, "files": {}}
            facts["files"] |= publish_predictions(job, [])
            return finish(job, usage, facts)
        fitted = fit(job)
        tables = [_predict(job, fitted, target) for target in job.recipe["evaluation"]]
        facts = fitted.facts | {"files": publish_predictions(job, tables)}
        if job.recipe["keep_weights"] and fitted.finite:
            saved = save_trained(fitted.model.encoder, job.folder / WEIGHTS, job.first_layer)
            facts["files"][WEIGHTS] = saved["sha256"]
        finish(job, usage, facts)


def _predict(job: Job, fitted: Fitted, target: dict[str, Any]) -> pa.Table:
    if not fitted.finite:
        return SCHEMA.empty_table()
    inputs = open_test(job, target["target"])
    labels = read_receipt(Path(job.inputs[target["target"]]["data"]))["labels"] or []
    task = fitted.tasks[0]
    predictions, golds = fitted.predictor.answers(fitted.model, task, inputs, labels)
    languages, examples = (
        inputs.split.table[name].to_pylist() for name in ("language", "example_id")
    )
    return predictions_table(target, languages, examples, predictions, golds)
