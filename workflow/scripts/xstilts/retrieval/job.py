"""BUCC and Tatoeba: nothing is trained, sentences are found by the states of the encoder."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from xstilts.core.draws import half_of
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.pooling import check_reads_all
from xstilts.evaluation.metrics import metric_of
from xstilts.retrieval.corpora import SIDES, Corpus, corpora, merged
from xstilts.retrieval.gpu_search import GpuSearch
from xstilts.retrieval.layer_choice import LayerPooling, LayerScores, all_views, choose, is_open
from xstilts.retrieval.mining import best_threshold, mine, nearest
from xstilts.retrieval.search import both_ways
from xstilts.retrieval.search_progress import print_progress
from xstilts.retrieval.sentences import embed
from xstilts.training.device import Usage
from xstilts.training.job import DIVERGED, DONE, Job, finish, lost_parent, making, starting_encoder
from xstilts.training.publish import open_test, predictions_table, publish_predictions

# Language, example, prediction, gold.
Rows = list[tuple[str, str, str, str]]


def retrieve_target(job: Job) -> None:
    """Make the run of `job`: find translations in every language of its target.

    Where the intermediate run diverged, the predictions are an empty table. The receipt tells the
    score of every layer (`compared`) and which ones made the predictions (`views`).
    """
    usage = Usage(job.device, job.recipe["precision"])
    with making(job) as must_run:
        if not must_run:
            return
        if reason := lost_parent(job):
            facts: dict[str, Any] = {"status": DIVERGED, "reason": reason, "files": {}}
            facts["files"] |= publish_predictions(job, [])
            return finish(job, usage, facts)
        encoder, proof = starting_encoder(job, dropout=0.0)
        target = job.recipe["evaluation"][0]
        search = Mining if metric_of(target["metric"]).has_unanswered else Matching
        rows, facts = search(job, encoder, target["target"]).answers()
        columns = map(list, zip(*rows, strict=True)) if rows else ([], [], [], [])
        table = predictions_table(target, *columns)
        facts |= {"dev": {}, "status": DONE, "reason": None, "transplant": proof}
        finish(job, usage, facts | {"files": publish_predictions(job, [table])})


class _Retrieval:
    """One target, sought with one encoder."""

    def __init__(self, job: Job, encoder: Any, target: str) -> None:
        self.job, self.encoder, self.target = job, encoder, target
        self.settings = job.recipe["retrieval"]
        if self.settings["pooling"] == "first":
            check_reads_all(encoder, "retrieval.pooling")
        self.views = all_views(job.first_layer, encoder.layer_count, self.settings["pooling"])

    def vectors(
        self, inputs: Inputs, corpus: Corpus, views: Sequence[LayerPooling]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of both sides, each [views, sentences, hidden size]."""
        source, english = (
            embed(self.job, self.encoder, inputs, corpus.rows[side], views) for side in SIDES
        )
        return source, english


class Matching(_Retrieval):
    """Tatoeba: English asks, the other language answers, by cosine (jiant's tatoeba.py).

    It has no dev set. With `layer: dev` a sentence is sought by the view that is best for the other
    half of the test sentences, so that none has a say in how it is sought itself.
    """

    def answers(self) -> tuple[Rows, dict[str, Any]]:
        """Predictions, and what the receipt tells of them."""
        inputs = open_test(self.job, self.target)
        compared = [LayerScores(), LayerScores(), LayerScores()]  # both halves, and all sentences
        by_language: dict[str, tuple[list[str], list[str], dict[LayerPooling, list[str]]]] = {}
        for language, corpus in corpora(inputs).items():
            source_of = {target: source for source, target in corpus.gold.items()}
            asked = [i for i, target in enumerate(corpus.ids["target"]) if target in source_of]
            ids = [corpus.ids["target"][i] for i in asked]
            golds = [source_of[identifier] for identifier in ids]
            source, english = self.vectors(inputs, corpus, self.views)
            answers = {}
            for row, view in enumerate(self.views):
                matches = nearest(english[row][asked], source[row])
                answers[view] = [corpus.ids["source"][i] for i in matches]
                _note(compared, view, language, ids, answers[view], golds)
            by_language[language] = ids, golds, answers
        chosen = [choose(self.settings, self.views, compared[1 - half]) for half in (0, 1)]
        rows: Rows = []
        for language, (ids, golds, answers) in by_language.items():
            for i, (identifier, gold) in enumerate(zip(ids, golds, strict=True)):
                rows.append((language, identifier, answers[chosen[half_of(identifier)]][i], gold))
        by = "the other half of the test sentences" if is_open(self.settings) else "config"
        facts = {"compared": {"on": "test", "views": compared[2].summary()}}
        views = chosen if is_open(self.settings) else chosen[:1]
        return rows, facts | {"views": [{**view._asdict(), "chosen_by": by} for view in views]}


def _note(
    compared: list[LayerScores],
    view: LayerPooling,
    language: str,
    ids: list[str],
    answers: list[str],
    golds: list[str],
) -> None:
    """Accuracies of a view in a language: of each half of the sentences, then of all."""
    halves = np.array([half_of(identifier) for identifier in ids])
    pairs = zip(answers, golds, strict=True)
    right = np.array([100.0 * (answer == gold) for answer, gold in pairs])
    for kept, side in zip((halves == 0, halves == 1, halves >= 0), compared, strict=True):
        if kept.any():
            side.add(view, language, float(right[kept].mean()))


class Mining(_Retrieval):
    """BUCC: candidates by margin, cut at the score that is best on dev (jiant's bucc2018.py)."""

    def answers(self) -> tuple[Rows, dict[str, Any]]:
        """Predictions, and what the receipt tells of them."""
        dev, test = (open_test(self.job, self.target, split) for split in ("dev", "test"))
        dev_corpora = {name: merged(corpus, dev) for name, corpus in corpora(dev).items()}
        compared, mined = self._compare(dev, dev_corpora)
        view = choose(self.settings, self.views, compared)
        by = "dev" if is_open(self.settings) else "config"
        facts: dict[str, Any] = {
            "compared": {"on": "dev", "views": compared.summary()},
            "views": [{**view._asdict(), "chosen_by": by}],
            "thresholds": {},
        }
        rows: Rows = []
        for language, corpus in corpora(test).items():
            if language not in dev_corpora:
                continue
            known = dev_corpora[language]
            if (language, view) in mined:
                threshold, dev_f1 = mined[language, view]
            else:
                sides = self.vectors(dev, known, [view])
                candidates, scores = self._mine(known, *sides, f"{language} dev")
                threshold, dev_f1 = _threshold(known, candidates, scores)
            # JSON knows no infinity, which stands for "take nothing".
            told_as = round(threshold, 6) if math.isfinite(threshold) else None
            facts["thresholds"][language] = {"threshold": told_as, "dev_f1": dev_f1}
            corpus = merged(corpus, test)
            candidates, scores = self._mine(corpus, *self.vectors(test, corpus, [view]), language)
            pairs = zip(candidates, scores, strict=True)
            taken = dict(pair for pair, score in pairs if score >= threshold)
            # Every sentence has a row, so that all intermediate tasks are resampled over the same.
            for source in corpus.ids["source"]:
                gold = corpus.gold.get(source, "")
                rows.append((language, source, taken.get(source, ""), gold))
        return rows, facts

    def _compare(
        self, dev: Inputs, known: dict[str, Corpus]
    ) -> tuple[LayerScores, dict[tuple[str, LayerPooling], tuple[float, float]]]:
        """F1 of every view on a sample of dev, each at its own best threshold.

        Also best threshold and F1 by language and view where the sample was all of dev.
        """
        compared, of_all = LayerScores(), {}
        for language, corpus in known.items():
            sample = corpus.sample(self.settings["compared_sentences"], language)
            source, english = self.vectors(dev, sample, self.views)
            for row, view in enumerate(self.views):
                sides = source[row : row + 1], english[row : row + 1]
                candidates, scores = self._mine(sample, *sides, f"{language} layer {view.layer}")
                best = _threshold(sample, candidates, scores)
                compared.add(view, language, best[1])
                if sample is corpus:
                    of_all[language, view] = best
        return compared, of_all

    def _mine(
        self, corpus: Corpus, source: np.ndarray, english: np.ndarray, what: str
    ) -> tuple[list[tuple[str, str]], np.ndarray]:
        """Candidate pairs of ids, best first, and their scores; vectors are of one view."""
        on_gpu = self.job.device.type == "cuda"
        rows, columns, scores = mine(
            source[0],
            english[0],
            self.settings["neighbours"],
            self.settings["margin"],
            search=GpuSearch(self.job.device) if on_gpu else both_ways,
            progress=print_progress(f"Mining {self.target} {what}"),
        )
        ids = [corpus.ids["source"][i] for i in rows], [corpus.ids["target"][i] for i in columns]
        return list(zip(*ids, strict=True)), scores


def _threshold(
    corpus: Corpus, candidates: list[tuple[str, str]], scores: np.ndarray
) -> tuple[float, float]:
    """The best threshold over the `candidates`, and its F1."""
    right = np.array([corpus.gold.get(source) == target for source, target in candidates])
    return best_threshold(scores, right, len(corpus.gold))
