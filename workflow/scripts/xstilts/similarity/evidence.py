"""The job of one intermediate run: how well its encoder's features explain the targets' labels.

LogME is defined of a model that was trained on another task, so that it needs the intermediate
runs; all other measures do without. Labels are those of English training sets, never of test sets.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.encoders.batching import UNTRAINED_TOKENS
from xstilts.similarity.artifacts import write_evidence
from xstilts.similarity.labelled import Labelled, labelled_sample
from xstilts.similarity.logme import log_evidence
from xstilts.similarity.resampling import FEWEST, halvings
from xstilts.training.device import Usage
from xstilts.training.job import Job, lost_parent, starting_encoder

BATCH = 16
# Words of one sentence are much alike: a few hundred of them say what thousands would.
MOST_POINTS = 256


def score_evidence(job: Job) -> dict[str, Any]:
    """Write LogME of every training set in the job's recipe; the facts for the receipt.

    `evidence.json` maps each training set to the values for the masks of `resampling.halvings`;
    it is empty where the intermediate run ended without weights.
    """
    recipe, usage = job.recipe, Usage(job.device)
    values: dict[str, list[float]] = {}
    problems: list[str] = []
    proof: dict[str, Any] = {}
    if reason := lost_parent(job):
        problems.append(f"log_evidence: {reason}.")
    else:
        model, proof = starting_encoder(job, dropout=0.0)
        for name, settings in recipe["training_sets"].items():
            folders = {role: Path(path) for role, path in job.inputs[name].items()}
            sample = labelled_sample(
                folders["data"], folders.get("activations"), job.first_layer, settings["kind"],
                recipe["examples"], recipe["seed"],
            )  # fmt: skip
            features, labels = labelled_features(model, sample, job.device)
            if len(labels) < FEWEST:
                problems.append(f"log_evidence: {name} has too few labels for it.")
                continue
            masks = halvings(len(labels), recipe["subsamples"], recipe["seed"], name)
            values[name] = [log_evidence(features[mask], labels[mask]) for mask in masks]
    return {
        "recipe": recipe,
        "status": "done",
        "files": write_evidence(job.folder, values),
        "transplant": proof,
        "problems": problems,
        **usage.summary(),
    }


@torch.inference_mode()
def labelled_features(
    encoder: Any, task: Labelled, device: torch.device
) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 [points, d] and labels [points] of a sample: whole numbers, or scores.

    What a point is the kind of task says (`labelled_points`).
    """
    points: list[tuple[np.ndarray, np.ndarray]] = []
    lengths = task.units.length[task.chosen] * task.units.count[task.chosen]
    size = max(1, min(BATCH, UNTRAINED_TOKENS // max(1, int(lengths.max()))))
    for start in range(0, len(task.chosen), size):
        units = task.chosen[start : start + size]
        sequences = task.units.sequences(units)
        states = task.inputs.states(sequences, encoder, device)
        points.append(task.kind.labelled_points(states, task.inputs, units))
    features = np.concatenate([features for features, _ in points])[:MOST_POINTS]
    return features, np.concatenate([labels for _, labels in points])[:MOST_POINTS]
