"""A simulated study: 11 intermediates, 9 targets, 10 languages, two seeds, one diverged cell."""

import dataclasses
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from xstilts.inference.tables import inference_tables
from xstilts.report.claim_rules import ClaimInputs
from xstilts.report.claims import judge
from xstilts.report.frames import test_items
from xstilts.report.names import titled
from xstilts.report.report_inputs import ReportInputs

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"

INTERMEDIATES = [
    "multitask", "none", "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg",
    "cosmosqa", "commonsenseqa",
]  # fmt: skip
METRICS = {
    "tatoeba": ["retrieval_accuracy"], "bucc": ["mining_f1"], "xnli": ["accuracy"],
    "pawsx": ["accuracy"], "pos": ["tag_f1", "tag_accuracy"], "ner": ["span_f1"],
    "xquad": ["answer_f1", "answer_exact"], "mlqa": ["mlqa_f1", "mlqa_exact"],
    "tydiqa": ["answer_f1", "answer_exact"],
}  # fmt: skip
TARGETS = ["xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"]
LANGUAGES = ["ar", "bg", "de", "en", "es", "hi", "ru", "sw", "tr", "zh"]
SAME_DATA = {("mnli", "xnli"), ("squad_v1", "xquad"), ("squad_v1", "mlqa")}
DIVERGED = ("ccg", "pos")


def simulate(
    seeds: tuple[int, ...] = (1, 2),
    languages: list[str] = LANGUAGES,
    intermediates: list[str] = INTERMEDIATES,
) -> dict[str, pd.DataFrame]:
    """Tables with the columns of the contract; English is 12 points better than the others."""
    random = np.random.default_rng(7)
    effect = {(i, t): random.normal(0, 2.0) for i in intermediates for t in METRICS}
    level = dict(zip(METRICS, (46, 52, 55, 71, 63, 49, 38, 41, 33), strict=True))
    index, scores, gains = [], [], []
    for target, metrics in METRICS.items():
        for seed in seeds:
            base = {code: level[target] + random.normal(0, 4) for code in languages}
            for name in intermediates:
                dyad = (name, target)
                parent = f"intermediate/{name}-{seed}"
                run = f"target/{name}-{target}-{seed}"
                status = "diverged" if dyad == DIVERGED else "done"
                index.append((*dyad, seed, run, parent, status))
                if status != "done":
                    continue
                for code in languages:
                    gain = 0.0 if name == "none" else effect[dyad] + random.normal(0, 0.5)
                    value = base[code] + gain + 12 * (code == "en")
                    for position, metric in enumerate(metrics):
                        row = (*dyad, code, seed, metric, value - 8 * position, 100, position == 0)
                        scores.append(row)
                    if name != "none":
                        half = random.uniform(1, 3)
                        start = base[code] + 12 * (code == "en")
                        gains.append(
                            (*dyad, code, seed, start, value, gain, gain - half, gain + half,
                             dyad in SAME_DATA)
                        )  # fmt: skip
    learning = [
        (task, "intermediate", "accuracy", 33.3, 62.5, 1.4, task != "hellaswag", np.nan, np.nan)
        for task in INTERMEDIATES if task not in ("none", "multitask")
    ] + [
        (task, "target", metrics[0], 10.0, 60.0, 1.5, True, 61.25, 48.75)
        for task, metrics in METRICS.items()
    ]  # fmt: skip
    return {
        "index": pd.DataFrame(
            index, columns=["intermediate", "target", "seed", "run", "parent_run", "status"]
        ),
        "scores": pd.DataFrame(
            scores,
            columns=["intermediate", "target", "language", "seed", "metric", "value", "n",
                     "primary"],
        ),
        "gains": pd.DataFrame(
            gains,
            columns=["intermediate", "target", "language", "seed", "baseline", "score", "gain",
                     "low", "high", "same_data"],
        ),
        "learning": pd.DataFrame(
            learning,
            columns=["task", "role", "metric", "chance", "english_dev", "standard_error", "learned",
                     "english_test", "other_languages"],
        ),
        "errors": item_errors(intermediates),
        "run_learning": pd.DataFrame(columns=["run", "learned"]),
        "curves": curves(index),
        "stages": pd.DataFrame(
            [("data", 15, 130.5, 0.02, np.nan), ("intermediate", 20, 4100.0, 0.61, 2100.0),
             ("target", 154, 9000.0, 1.4, 2350.0), ("scores", 1, 12.0, 0.004, np.nan)],
            columns=["stage", "runs", "cpu_seconds", "hours", "tokens_per_second"],
        ),
    }  # fmt: skip


def item_errors(intermediates: list[str]) -> pd.DataFrame:
    """The errors over test items of every two rows of each target: smaller than the bound."""
    random = np.random.default_rng(11)
    rows = [
        (target, first, second, random.uniform(0.4, 1.0))
        for target in METRICS
        for first, second in combinations(intermediates, 2)
    ]
    return pd.DataFrame(rows, columns=["target", "first", "second", "error"])


def curves(index: list[tuple]) -> pd.DataFrame:
    """Three points of each run's dev score."""
    runs = {run for row in index for run in (row[3], row[4])}
    rows = [
        (run.split("/")[1], run.split("/")[0], 40 * step, 40 + 10 * step - step**2)
        for run in sorted(runs) for step in (1, 2, 3)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["run", "stage", "step", "score"])


def make_inputs(**changes: object) -> ReportInputs:
    complete = ReportInputs(
        study="demo",
        description="A small study that runs offline on two cores. <b>Not markup.</b>",
        data="demo",
        intermediates=INTERMEDIATES,
        targets=TARGETS,
        titles=titles(),
        problems=["CCGbank is licensed: put it where config/README.md says."],
        versions={"xstilts": "0.1.0", "torch": "2.13.0"},
        config={"study": "demo", "seeds": [1, 2], "encoder": {"name": "demo"}},
        published=pd.read_csv(RESOURCES / "published.tsv", sep="\t"),
        captions=captions(),
        contracts=inference_tables(),
        **with_summaries(simulate()),
    )
    return dataclasses.replace(complete, **changes)


def with_summaries(tables: dict[str, pd.DataFrame], data: str = "demo") -> dict[str, pd.DataFrame]:
    """The tables, and what the rules `summarise_scores` and `judge_claims` make of them."""
    scores = tables["scores"]
    xtreme = scores[["intermediate", "target", "seed", "language", "metric", "value", "primary"]]
    exact = xtreme["metric"].str.endswith("_exact")
    kept = xtreme[xtreme["primary"] | exact]
    keys = ["intermediate", "seed", "target"]
    means = kept.groupby([*keys, "language"])["value"].mean().groupby(keys).mean().reset_index()
    best, rivals = choices()
    evidence = ClaimInputs(
        tables["gains"], best, "demo", ["encoder", "intermediate", "target"], data,
        errors=tables["errors"], learning=tables["learning"], index=tables["index"],
        run_learning=tables["run_learning"], items=test_items(scores),
    )  # fmt: skip
    claims = pd.read_csv(RESOURCES / "claims.tsv", sep="\t", dtype=str, keep_default_na=False)
    with titled(titles()):
        judged = judge(claims, evidence)
    return tables | {
        "xtreme": means.rename(columns={"target": "name"}),
        "best": best,
        "rivals": rivals,
        "claims": judged,
    }


def choices() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the rule `choose_intermediates` might say, of targets in any order."""
    best, rivals = [], []
    for place, target in enumerate(reversed(METRICS)):
        halved = target == "tatoeba"
        name, on = ("mnli / qqp", "target_halves") if halved else ("mnli", "english_dev")
        score = 60.04 + place
        gain = (score - 58, -0.5, 4.96)
        # The baseline wins on NER's dev set.
        taken = ("none", 0.0, 0.0, 0.0) if target == "ner" else (name, *gain)
        best.append((target, name, on, 1, 70.0 + place, score, 58.0, *gain, 1.2, *taken))
        dev = (None, None) if halved else (70.0 + place, 1)
        rivals += [
            (target, "mnli", True, *dev, score, 1, score - 58, -0.5, 4.96, 1.2),
            (target, "none", False, *dev, 58.0, 2, 0.0, 0.0, 0.0, 0.0),
            (target, "qqp", halved, *dev, 57.0, 3, -1.0, -2.0, -0.04, -0.4),
        ]
    return (
        pd.DataFrame(
            best,
            columns=["target", "intermediate", "chosen_on", "seed", "dev_score", "test_score",
                     "baseline", "gain", "low", "high", "gain_shrunken", "taken", "taken_gain",
                     "taken_low", "taken_high"],
        ),
        pd.DataFrame(
            rivals,
            columns=["target", "intermediate", "chosen", "dev_score", "dev_rank", "test_score",
                     "test_rank", "gain", "low", "high", "gain_shrunken"],
        ),
    )  # fmt: skip


def captions() -> dict[str, str]:
    folder = ROOT / "workflow" / "report"
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.rst"))}


def titles() -> dict[str, str]:
    """What the sheets call the tasks."""
    sheets = [yaml.safe_load(path.read_text()) for path in RESOURCES.glob("tasks/*.yaml")]
    return {sheet["name"]: sheet["title"] for sheet in sheets}


# What `xstilts plan` writes, as far as the page reads it.
PLAN = {
    "study": "demo", "for": "slope", "unit": "GPU-hours", "budget": 9.0, "cost": 8.5,
    "whole_grid": 20.0, "certificate": "proved optimal by HiGHS in 3 s", "notes": ["A note."],
    "exchanges": [{"rows": 7, "targets": 9, "seeds": 1, "gpu_hours": 8.5, "standard_error": 0.12,
                   "power_0.3": 48.0, "power_0.5": 97.0}],
    "cells": {"none": {"xnli": [1]}, "mnli": {"xnli": [1, 2]}},
}  # fmt: skip

FIDELITY = {"name": "cheap", "share": 0.25, "frozen_layers": None, "steps": None}


def compared_fidelities() -> pd.DataFrame:
    """What the rule `compare_fidelities` might say."""
    return pd.DataFrame(
        [("pos", 9, 0.81, "ccg", "mnli", 0.0, 1.25, "qqp", 4.5),
         ("xnli", 9, 0.93, "mnli", "mnli", 1.0, 0.0, "none", 2.5),
         ("all targets", 16, 0.87, np.nan, np.nan, 0.5, 0.625, np.nan, 3.5)],
        columns=["target", "rows", "spearman", "best", "cheap_best", "same_best", "lost", "popular",
                 "lost_popular"],
    )  # fmt: skip
