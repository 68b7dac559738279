"""The tables of a study of any size, as its rules leave them for the inference and the page.

Gains and similarity are simulated (`scenarios`); tasks, their titles and languages are real ones,
so that names are as long as they are; all else follows by formula. No figure means anything.
"""

import json
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml
from scenarios import Scenario, Simulated, simulate

from xstilts.inference.tables import inference_tables
from xstilts.report.claim_rules import ClaimInputs
from xstilts.report.claims import judge
from xstilts.report.frames import test_items
from xstilts.report.input_files import read_inputs
from xstilts.report.names import titled
from xstilts.report.provenance import FRAMES, runs_together
from xstilts.report.report_inputs import ReportInputs

ROOT = Path(__file__).resolve().parents[1]
MEASURES = ("text_embedding", "negative_mmd", "vocabulary_overlap", "task_embedding", "logme")
# Points of a run's learning curve: as many as a study of the paper's size has.
EVALUATIONS = 10
DESCRIPTION = "Simulated tables of a study of this size; no figure means anything."


class Shape(NamedTuple):
    """Intermediate tasks, target tasks, languages of every target, seeds."""

    intermediates: int
    targets: int
    languages: int
    seeds: int

    def __str__(self) -> str:
        return " x ".join(map(str, self))


def sheets() -> list[dict]:
    """The task sheets, in the order of their names."""
    paths = sorted((ROOT / "resources" / "tasks").glob("*.yaml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


def rows_of(count: int) -> list[str]:
    """`count` rows: intermediate tasks, then their variants with masked language modelling."""
    tasks = [sheet["name"] for sheet in sheets() if "intermediate" in sheet["roles"]]
    return [*tasks, *(f"{task}+mlm" for task in tasks)][:count]


def columns_of(count: int) -> list[str]:
    """`count` target tasks."""
    return [sheet["name"] for sheet in sheets() if "target" in sheet["roles"]][:count]


def language_facts(count: int) -> pd.DataFrame:
    """Facts on English and `count` - 1 other languages."""
    path = ROOT / "resources" / "languages.tsv"
    table = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""])
    first = table["language"] == "en"
    chosen = pd.concat([table[first], table[~first]])[:count]
    sizes = np.random.default_rng(1).uniform(0.1, 300, len(chosen))
    return chosen.assign(pretraining_GiB=sizes, in_pretraining=1).reset_index(drop=True)


def simulated(shape: Shape) -> Simulated:
    """Gains, similarity by every measure, and facts on languages."""
    facts, columns = language_facts(shape.languages), columns_of(shape.targets)
    found = simulate(
        Scenario(slope=0.3),
        1,
        seeds=shape.seeds,
        languages=shape.languages,
        languages_of=dict.fromkeys(columns, shape.languages),
        intermediates=rows_of(shape.intermediates),
    )
    codes = dict(zip(found.languages["language"], facts["language"], strict=True))
    gains = found.gains.assign(language=found.gains["language"].map(codes))
    random = np.random.default_rng(2)
    similarity = [
        found.similarity.assign(
            measure=measure,
            similarity=found.similarity["similarity"]
            + place * random.normal(0, 0.3, len(found.similarity)),
        )
        for place, measure in enumerate(MEASURES)
    ]
    return Simulated(gains, pd.concat(similarity, ignore_index=True), facts)


def scores_of(gains: pd.DataFrame) -> pd.DataFrame:
    """A score for each gain, and the baseline's."""
    keys = ["intermediate", "target", "language", "seed"]
    base = gains.drop_duplicates(keys[1:]).assign(intermediate="none", score=gains["baseline"])
    rows = pd.concat([base, gains], ignore_index=True)
    rows = rows[keys].assign(value=rows["score"], metric="accuracy", n=200, primary=True)
    return rows


def index_of(gains: pd.DataFrame) -> pd.DataFrame:
    """A run for each cell, all of them done."""
    cells = gains[["intermediate", "target", "seed"]].drop_duplicates()
    base = cells.drop_duplicates(["target", "seed"]).assign(intermediate="none")
    cells = pd.concat([base, cells], ignore_index=True)
    seed = "-seed" + cells["seed"].astype(str) + "-0123456789ab"
    runs = cells["intermediate"] + "--" + cells["target"] + seed
    return cells.assign(run=runs, parent_run=cells["intermediate"] + seed, status="done")


def receipts_of(index: pd.DataFrame) -> dict[str, dict]:
    """What receipts say, as far as tables and page ask, by the path of each."""
    runs = {f"results/runs/target/{run}/receipt.json": "target" for run in index["run"]}
    parents = index["parent_run"][index["intermediate"] != "none"].unique()
    runs |= {f"results/runs/intermediate/{run}/receipt.json": "intermediate" for run in parents}
    return {path: _receipt(stage, place) for place, (path, stage) in enumerate(runs.items())}


def _receipt(stage: str, place: int) -> dict:
    curve = [
        {"step": 200 * (step + 1), "mean": round(60 + 30 * (1 - 0.7**step) + place % 7, 2)}
        for step in range(EVALUATIONS)
    ]
    dev = {"score": curve[-1]["mean"], "chance": 50.0, "standard_error": 2.0, "n": 500}
    return {
        "recipe": {"stage": stage},
        "cpu_seconds": 1000.0,
        "wall_seconds": 900.0,
        "training": {"tokens": 1_000_000, "dev_scores": curve},
        "dev": {"task": dev},
        "versions": {"torch": "2.13.0"},
    }


def learning_of(rows: list[str], columns: list[str]) -> pd.DataFrame:
    """Dev scores of all tasks, of which every ninth has not learned."""
    tasks = [(row, "intermediate") for row in rows if "+" not in row]
    tasks += [(column, "target") for column in columns]
    return pd.DataFrame(
        [
            (task, role, "accuracy", 50.0, 75.0, 1.5, place % 9 > 0, 76.0, 61.0)
            for place, (task, role) in enumerate(tasks)
        ],
        columns=["task", "role", "metric", "chance", "english_dev", "standard_error", "learned",
                 "english_test", "other_languages"],
    )  # fmt: skip


def choices_of(gains: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The best row of each target by its mean gain, and what it beat."""
    means = gains.groupby(["target", "intermediate"])["gain"].mean().reset_index()
    means = means.sort_values(["target", "gain"], ascending=[True, False], ignore_index=True)
    rank = means.groupby("target").cumcount() + 1
    ends = {"low": means["gain"] - 1, "high": means["gain"] + 1,
            "gain_shrunken": 0.5 * means["gain"]}  # fmt: skip
    score = means["gain"] + 60
    rivals = means.assign(
        chosen=rank == 1, dev_score=score + 10, dev_rank=rank, test_score=score, test_rank=rank,
        **ends,
    )  # fmt: skip
    best = rivals[rivals["chosen"]].assign(
        chosen_on="english_dev", seed=1, baseline=60.0, taken=lambda table: table["intermediate"]
    )
    taken = {f"taken_{name}": best[name] for name in ("gain", "low", "high")}
    return best.assign(**taken), rivals


def errors_of(rows: list[str], columns: list[str]) -> pd.DataFrame:
    """The error over test items of the difference of every two rows."""
    pairs = list(combinations(["none", *rows], 2))
    table = pd.DataFrame(
        [(column, *pair) for column in columns for pair in pairs],
        columns=["target", "first", "second"],
    )
    return table.assign(error=np.random.default_rng(3).uniform(0.4, 1.0, len(table)))


def contamination_of(rows: list[str], columns: list[str]) -> pd.DataFrame:
    """A line for each training set with each target."""
    tasks = [row for row in rows if "+" not in row]
    table = pd.MultiIndex.from_product([tasks, columns], names=["training_set", "target"])
    return table.to_frame(index=False).assign(
        training_examples=10_000, dropped=0, left_exact=0, left_normalised=0, languages=0, named=0
    )


def coverage_of(gains: pd.DataFrame) -> pd.DataFrame:
    """Covered gains, each target and language left out in turn."""
    left_out = {"leave_one_target_out": "target", "leave_one_language_out": "language"}
    counts = [
        gains.groupby(column)["gain"].size().reset_index(name="rows").assign(
            scheme=scheme, held_out=lambda table, column=column: table[column]
        )
        for scheme, column in left_out.items()
    ]  # fmt: skip
    table = pd.concat(counts)[["scheme", "held_out", "rows"]]
    return table.assign(covered=(table["rows"] * 0.91).astype(int), nominal=0.9)


def tables_of(shape: Shape, study: Simulated) -> dict[str, pd.DataFrame]:
    """All tables that the page reads but for those of the inference and of the runs."""
    rows, columns = rows_of(shape.intermediates), columns_of(shape.targets)
    scores, (best, rivals) = scores_of(study.gains), choices_of(study.gains)
    keys = ["intermediate", "seed", "target"]
    means = scores.groupby(keys)["value"].mean().reset_index()
    return {
        "gains": study.gains,
        "similarity": study.similarity,
        "languages": study.languages,
        "scores": scores,
        "index": index_of(study.gains),
        "learning": learning_of(rows, columns),
        "best": best,
        "rivals": rivals,
        "errors": errors_of(rows, columns),
        "xtreme": means.rename(columns={"target": "name"}),
        "contamination": contamination_of(rows, columns),
        "coverage": coverage_of(study.gains),
    }


def write_study(shape: Shape, folder: Path) -> dict[str, object]:
    """Write the tables of a study into `folder`; the files, by what the report calls them.

    The inference's own are made from gains, similarity and languages by who calls this.
    """
    tables = tables_of(shape, simulated(shape))
    receipts = receipts_of(tables["index"])
    runs = runs_together(list(receipts), list(receipts.values()))
    files: dict[str, object] = {
        "runs": folder / "runs.json", "claims": folder / "claims.tsv",
        "published": ROOT / "resources" / "published.tsv", "problems": [],
    }  # fmt: skip
    (folder / "runs.json").write_text(json.dumps(runs), encoding="utf-8")
    judged = _claims(tables, pd.DataFrame(runs[FRAMES[1]]))
    judged.to_csv(folder / "claims.tsv", sep="\t", index=False, na_rep="NA")
    for name, table in tables.items():
        if name in ("gains", "similarity", "scores", "errors"):
            files[name] = folder / f"{name}.parquet"
            table.to_parquet(files[name], index=False)
        else:
            files[name] = folder / f"{name}.tsv"
            table.to_csv(files[name], sep="\t", index=False)
    return files


def _claims(tables: dict[str, pd.DataFrame], learned: pd.DataFrame) -> pd.DataFrame:
    path = ROOT / "resources" / "claims.tsv"
    claims = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    evidence = ClaimInputs(
        **{name: tables[name] for name in ("gains", "best", "errors", "learning", "index")},
        run_learning=learned, items=test_items(tables["scores"]), encoder="xlm-roberta-base",
        stages=["encoder", "data", "intermediate", "target"], data="hub",
    )  # fmt: skip
    with titled(titles()):
        return judge(claims, evidence)


def titles() -> dict[str, str]:
    """What the sheets call the tasks, and the rows with masked language modelling."""
    named = {sheet["name"]: sheet["title"] for sheet in sheets()}
    return named | {f"{name}+mlm": f"{title} + MLM" for name, title in named.items()}


def settings_of(shape: Shape) -> dict[str, object]:
    """The study's part in what the report is made from, as the rules hand it on."""
    captions = (ROOT / "workflow" / "report").glob("*.rst")
    return {
        "config": {
            "study": "wide", "description": DESCRIPTION, "source": "hub",
            "seeds": list(range(1, shape.seeds + 1)), "encoder": {"name": "xlm-roberta-base"},
        },
        "rows": ["none", *rows_of(shape.intermediates)],
        "targets": columns_of(shape.targets),
        "problems": [],
        "captions": {path.stem: path.read_text(encoding="utf-8") for path in sorted(captions)},
        "contracts": [table.contract() for table in inference_tables()],
        "titles": titles(),
    }  # fmt: skip


def page_inputs(shape: Shape, files: dict[str, object]) -> ReportInputs:
    """What the page is made from; `files` as `write_study` gives them, and the inference's."""
    return read_inputs(files, **settings_of(shape))
