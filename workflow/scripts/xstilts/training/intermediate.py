"""Stage 1: fine-tune the encoder on English intermediate tasks and keep its weights."""

from xstilts.encoders.weights import save_trained
from xstilts.training.device import Usage
from xstilts.training.fine_tune import fit
from xstilts.training.job import WEIGHTS, Job, finish, making


def finetune_intermediate(job: Job) -> None:
    """Make the run of `job`: `encoder.safetensors` (the trained tensors) and its receipt.

    A run whose loss was not finite leaves a receipt with status `diverged` and no weights: that
    is a result, and the rest of the study goes on.
    """
    usage = Usage(job.device, job.recipe["precision"])
    with making(job) as must_run:
        if not must_run:
            return
        fitted = fit(job)
        facts = fitted.facts | {"files": {}, "encoder_tensors": []}
        if fitted.finite:
            saved = save_trained(fitted.model.encoder, job.folder / WEIGHTS, job.first_layer)
            facts["files"] = {WEIGHTS: saved["sha256"]}
            facts["encoder_tensors"] = saved["tensors"]
        finish(job, usage, facts)
