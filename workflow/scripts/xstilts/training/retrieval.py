"""BUCC and Tatoeba: nothing is trained, sentences are found by the states of the encoder."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from xstilts.evaluation.retrieval import best_threshold, distinct, mine, nearest
from xstilts.study import interruption
from xstilts.training import batching
from xstilts.training.device import Usage, arithmetic
from xstilts.training.inputs import Inputs
from xstilts.training.kinds.pooling import mean
from xstilts.training.publishing import open_test, predictions_table, publish_predictions
from xstilts.training.stage import (
    DIVERGED,
    DONE,
    Job,
    claimed,
    finish,
    lost_parent,
    starting_encoder,
)

# Language, example, prediction, gold.
Rows = list[tuple[str, str, str, str]]


def retrieve_target(job: Job) -> None:
    """Make the run of `job`: find translations in every language of its target.

    Where the intermediate run diverged, the predictions are an empty table.
    """
    usage = Usage(job.device)
    with claimed(job) as open_still:
        if not open_still:
            return
        if reason := lost_parent(job):
            facts: dict[str, Any] = {"status": DIVERGED, "reason": reason, "files": {}}
            facts["files"] |= publish_predictions(job, [])
            return finish(job, usage, facts)
        encoder, proof = starting_encoder(job, dropout=0.0)
        target = job.recipe["evaluation"][0]
        search = _mine_languages if target["metric"] == "mining_f1" else _match_languages
        rows, facts = search(job, encoder, target["target"])
        columns = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
        table = predictions_table(target, *columns)
        facts |= {"status": DONE, "reason": None, "transplant": proof}
        finish(job, usage, facts | {"files": publish_predictions(job, [table])})


@torch.inference_mode()
def embed(job: Job, encoder: Any, inputs: Inputs) -> np.ndarray:
    """Mean over all tokens of each sentence, special ones included (jiant's and XTREME's way).

    Returns float32 [sentences, hidden size] of layer `retrieval.layer`, by default the last.
    """
    vectors = np.empty((len(inputs.lengths), encoder.hidden_size), np.float32)
    count = np.arange(len(inputs.lengths))
    units = batching.Units(count, np.ones_like(count), inputs.lengths)
    layer = job.recipe["retrieval"]["layer"]
    for batch in batching.in_order(units):
        with arithmetic(job.recipe["precision"], job.device):
            states = inputs.states(batch, encoder, job.device, layer)
        vectors[batch] = mean(states.hidden.float(), states.mask).cpu().numpy()
        interruption.check()
    return vectors


class Sides:
    """The two sides of one language pair: ids, vectors, and each source's translation."""

    def __init__(self, table: pa.Table, vectors: np.ndarray, language: str) -> None:
        here = np.array(table["language"].to_pylist()) == language
        side = np.array(table["side"].to_pylist())
        ids = np.array(table["example_id"].to_pylist(), dtype=object)
        text = table["input_ids"].to_pylist()
        gold = table["gold"].to_pylist()
        self.ids, self.vectors, self.text = {}, {}, {}
        for name in ("source", "target"):
            rows = np.flatnonzero(here & (side == name))
            self.ids[name] = ids[rows]
            self.vectors[name] = vectors[rows]
            self.text[name] = [tuple(text[row][0]) for row in rows]
            if name == "source":
                self.gold = {ids[row]: gold[row] for row in rows}

    def distinct_sources(self) -> list[str]:
        """Ids of the source sentences, each text once."""
        return self.ids["source"][distinct(self.text["source"])].tolist()


def _languages(inputs: Inputs) -> list[str]:
    return list(dict.fromkeys(inputs.split.table["language"].to_pylist()))


def _match_languages(job: Job, encoder: Any, target: str) -> tuple[Rows, dict[str, Any]]:
    """Tatoeba: English asks, the other language answers, by cosine (jiant's tatoeba.py)."""
    inputs = open_test(job, target)
    vectors = embed(job, encoder, inputs)
    rows: Rows = []
    for language in _languages(inputs):
        sides = Sides(inputs.split.table, vectors, language)
        found = nearest(sides.vectors["target"], sides.vectors["source"])
        source_of = {gold: source for source, gold in sides.gold.items() if gold}
        for example, index in zip(sides.ids["target"], found, strict=True):
            if example in source_of:
                answer = sides.ids["source"][index]
                rows.append((language, example, answer, source_of[example]))
    return rows, {"dev": {}}


def _pairs(job: Job, sides: Sides) -> tuple[list[tuple[str, str]], np.ndarray, dict[str, str]]:
    """Candidate pairs of ids, best first, their scores, and the gold pairs.

    Sentences that stand in a corpus twice are merged under their first id, in gold too.
    """
    settings = job.recipe["retrieval"]
    kept, first = {}, {}
    for name in ("source", "target"):
        rows = distinct(sides.text[name])
        kept[name] = rows
        by_text = {sides.text[name][row]: sides.ids[name][row] for row in rows}
        pairs = zip(sides.ids[name], sides.text[name], strict=True)
        first[name] = {one: by_text[text] for one, text in pairs}
    source, target, scores = mine(
        sides.vectors["source"][kept["source"]],
        sides.vectors["target"][kept["target"]],
        settings["neighbours"],
        settings["margin"],
    )
    ids = {name: sides.ids[name][kept[name]] for name in kept}
    found = list(zip(ids["source"][source], ids["target"][target], strict=True))
    gold = {first["source"][one]: first["target"][two] for one, two in sides.gold.items() if two}
    return found, scores, gold


def _mine_languages(job: Job, encoder: Any, target: str) -> tuple[Rows, dict[str, Any]]:
    """BUCC: candidates by margin, cut at the score that is best on dev (jiant's bucc2018.py)."""
    dev, test = (open_test(job, target, split) for split in ("dev", "test"))
    dev_vectors, test_vectors = embed(job, encoder, dev), embed(job, encoder, test)
    rows: Rows = []
    facts: dict[str, Any] = {"dev": {}, "thresholds": {}}
    dev_languages = set(_languages(dev))
    for language in _languages(test):
        if language not in dev_languages:
            continue
        found, scores, gold = _pairs(job, Sides(dev.split.table, dev_vectors, language))
        right = np.array([gold.get(one) == two for one, two in found])
        threshold, dev_f1 = best_threshold(scores, right, len(gold))
        # JSON knows no infinity, which stands for "take nothing".
        told = round(threshold, 6) if math.isfinite(threshold) else None
        facts["thresholds"][language] = {"threshold": told, "dev_f1": dev_f1}
        sides = Sides(test.split.table, test_vectors, language)
        found, scores, gold = _pairs(job, sides)
        taken = dict(pair for pair, score in zip(found, scores, strict=True) if score >= threshold)
        # Every sentence has a row, so that all intermediate tasks are resampled over the same.
        for one in sides.distinct_sources():
            rows.append((language, one, taken.get(one, ""), gold.get(one, "")))
    return rows, facts
