"""Train one run and judge it on English dev sets: the part that both stages share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.core.draws import derived_seed
from xstilts.core.paths import MLM_TEXT
from xstilts.encoders.words import train_words_of
from xstilts.evaluation.bootstrap import resampled_scores
from xstilts.evaluation.metrics import contributions, metric_of
from xstilts.training.job import DIVERGED, DONE, Job, starting_encoder
from xstilts.training.loop import Training
from xstilts.training.masked import NAME, MaskedText
from xstilts.training.model import Model, Task, Trained, open_task
from xstilts.training.predict import Judged, Predictor, collapsed

ERROR_RESAMPLES = 500


@dataclass(frozen=True)
class Fitted:
    """A trained model with the facts that its receipt reports."""

    model: Model
    tasks: list[Task]
    predictor: Predictor
    facts: dict[str, Any]

    @property
    def finite(self) -> bool:
        """Whether there are weights worth keeping."""
        return self.facts["training"]["diverged"] is None


def fit(job: Job) -> Fitted:
    """Open the tasks of the run's recipe, transplant the encoder, train, score on dev."""
    recipe, device = job.recipe, job.device
    settings = recipe["training"]
    tasks = [open_task(task, job.inputs[task["task"]], job.first_layer) for task in recipe["tasks"]]
    encoder, proof = starting_encoder(job, settings["dropout"])
    # The stage has its say too: a target head that began as the intermediate head did would find
    # an encoder fitted to just that beginning (SQuAD: 87 F1 before the first step, not 10).
    head_seed = derived_seed(recipe["stage"], recipe["seed"])
    text = _text(job)
    trained: list[Trained] = [*tasks, *([text] if text else [])]
    words = train_words_of(encoder, [part.read_tokens() for part in trained])
    model = Model(encoder, trained, settings["dropout"], head_seed).to(device)
    predictor = Predictor(device, recipe["precision"])
    precision = recipe["precision"]
    before = text.dev_loss(model.eval(), precision, device) if text else None
    shows_chance = job.intermediate is None and len(tasks) == 1
    untrained = {
        task.name: _untrained(task, model, predictor)
        if shows_chance or not task.kind.untrained_is_chance
        else None
        for task in tasks
    }
    training = Training(
        model, tasks, recipe, predictor.judge, job.scratch, device, job.checkpoint_seconds, text
    )
    facts: dict[str, Any] = {"transplant": proof, "words": words, "training": training.run()}
    if text:
        after = text.dev_loss(model, precision, device)
        facts[text.name] = text.facts() | {"loss_before": before, "loss_after": after}
    facts["data"] = {task.name: _data_facts(task) for task in tasks}
    reason = facts["training"]["diverged"]
    facts["dev"] = {}
    if reason is None:
        # A resumed run may know its best weights, and no more what they answered.
        judged = training.judged_best or {task.name: predictor.judge(model, task) for task in tasks}
        facts["dev"] = {
            task.name: _dev(task, judged[task.name], untrained[task.name]) for task in tasks
        }
        reasons = (collapsed(task, judged[task.name]) for task in tasks)
        reason = next(filter(None, reasons), None)
    facts |= {"status": DIVERGED if reason else DONE, "reason": reason}
    return Fitted(model, tasks, predictor, facts)


def _text(job: Job) -> MaskedText | None:
    """The masked text that the run is trained on besides its tasks, if any."""
    settings = job.recipe.get(NAME)
    if settings is None:
        return None
    folder = Path(job.inputs[MLM_TEXT]["data"])
    seed = job.recipe["seed"]
    return MaskedText.open(settings, folder, job.encoder, job.first_layer, seed, job.device)


def _untrained(task: Task, model: Model, predictor: Predictor) -> float:
    """Score of the untrained head where a constant answer scores next to nothing."""
    if not task.kind.untrained_is_chance:
        return 0.0
    model.eval()
    return predictor.judge(model, task).score


def _dev(task: Task, judged: Judged, untrained: float | None) -> dict[str, Any]:
    """What the receipt says of the dev set; `untrained` None: chance is told by another run.

    That is the run on the same dev set that starts from the encoder as it came: how well a task
    can be learned is seen there alone, and an untrained head on a tuned encoder is no chance.
    """
    golds = judged.golds
    metric = metric_of(task.metric)
    scores = np.array(contributions(task.metric, judged.predictions, golds, "en"))
    seed = derived_seed("dev", task.name, len(golds))
    spread = resampled_scores(metric, scores[:, None], ERROR_RESAMPLES, seed)[:, 0].std(ddof=1)
    constant = task.kind.constant_answers(golds)
    chance = metric.score(contributions(task.metric, constant, golds, "en"))
    return {
        "metric": task.metric,
        "score": round(metric.score(scores), 4),
        "standard_error": round(float(spread), 4),
        "chance": None if untrained is None else round(max(chance, untrained), 4),
        "n": len(golds),
    }


def _data_facts(task: Task) -> dict[str, Any]:
    """What the receipt says of the data: sizes, caps, rows left out, units of a share."""
    keys = ("rows", "limits", "dropped")
    facts = {key: task.receipt[key] for key in keys if key in task.receipt}
    units = len(task.units.first)
    return facts if len(task.chosen) == units else facts | {"trained_units": len(task.chosen)}


def set_threads(threads: int) -> None:
    """Use so many threads: sums are added in an order that depends on their number."""
    torch.set_num_threads(threads)
