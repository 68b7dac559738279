"""The job of one intermediate run: how well its encoder's features explain the targets' labels.

LogME is defined of a model that was trained on another task, so that it needs the intermediate
runs; all other measures do without. Labels are those of English training sets, never of test sets.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from xstilts.encoders.batching import UNTRAINED_TOKENS
from xstilts.encoders.inputs import States
from xstilts.encoders.pooling import segments
from xstilts.kinds.tagging import words_of
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
            places = {role: Path(path) for role, path in job.inputs[name].items()}
            sample = labelled_sample(
                places["data"], places.get("activations"), job.first_layer, settings["kind"],
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
    """Features float32 [points, d] and whole-number labels [points] of a sample.

    A point is, with pairs: a pair, its two segments pooled apart, and its label; with choices: a
    choice, likewise, and whether it is right; with tags: a word and its tag; with questions: the
    first token of an answer, or one other token of the same passage, and which of the two.
    """
    points: list[tuple[np.ndarray, np.ndarray]] = []
    name = task.kind.__name__.rpartition(".")[2]
    lengths = task.units.length[task.chosen] * task.units.count[task.chosen]
    size = max(1, min(BATCH, UNTRAINED_TOKENS // max(1, int(lengths.max()))))
    for start in range(0, len(task.chosen), size):
        units = task.chosen[start : start + size]
        sequences = task.units.sequences(units)
        states = task.inputs.states(sequences, encoder, device)
        points.append(POINTS[name](states, task, units))
    features = np.concatenate([found for found, _ in points])[:MOST_POINTS]
    return features, np.concatenate([labels for _, labels in points])[:MOST_POINTS]


def _pairs(states: States, task: Labelled, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return segments(states).cpu().numpy(), task.inputs.column("label")[units]


def _choices(states: States, task: Labelled, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = len(states.mask) // len(units)
    right = task.inputs.column("label")[units][:, None] == np.arange(count)
    return segments(states).cpu().numpy(), right.ravel().astype(int)


def _tags(states: States, task: Labelled, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    words, hidden = words_of(task.inputs), states.hidden.cpu().numpy()
    own = [words.of(sequence) for sequence in units]
    found = [hidden[row, words.position[one]] for row, one in enumerate(own)]
    return np.concatenate(found), np.concatenate([words.tag[one] for one in own])


def _answers(states: States, task: Labelled, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden, second = states.hidden.cpu().numpy(), states.second.cpu().numpy()
    first, last = task.inputs.column("first")[units], task.inputs.column("last")[units]
    features, labels = [], []
    for row, (begin, end) in enumerate(zip(first, last, strict=True)):
        passage = np.arange(second[row], int(task.inputs.lengths[units[row]]) - 1)
        other = passage[(passage < begin) | (passage > end)]
        if begin and len(other):
            features += [hidden[row, begin], hidden[row, other[len(other) // 2]]]
            labels += [1, 0]
    width = hidden.shape[-1]
    return np.array(features, np.float32).reshape(-1, width), np.array(labels, dtype=int)


POINTS = {
    "pair_classification": _pairs,
    "multiple_choice": _choices,
    "tagging": _tags,
    "span_qa": _answers,
}
