"""The scripts over several encoders, on the files of a simulated study."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.simulated_encoders import NAMES, own_inputs
from helpers.simulated_inference import language_facts
from xstilts.core.receipts import publish
from xstilts.inference.any_table import SETTINGS
from xstilts.inference.encoder_tables import ENCODER_TABLES, OVER_ALL
from xstilts.inference.tables import inference_tables
from xstilts.jobs import scripting

CONFIG = SETTINGS | {
    "primary_measure": "text_embedding", "without_languages": ["en"], "permutations": 199,
    "bootstrap": 50, "families": {},
}  # fmt: skip


class Named(dict):
    """Files by name and as attributes, as Snakemake hands them on."""

    __getattr__ = dict.__getitem__


@pytest.fixture(scope="module")
def own():
    return own_inputs()


@pytest.fixture(scope="module")
def folder(own, tmp_path_factory) -> Path:
    """Each encoder's files as its rules write them."""
    place = tmp_path_factory.mktemp("study")
    for name, inputs in own.items():
        files = place / name
        (files / "inference").mkdir(parents=True)
        for table in ("gains", "similarity", "scores", "errors"):
            frame = getattr(inputs, table)
            extra = {"low": 0.0, "high": 1.0, "reliability": 0.9} if table == "similarity" else {}
            frame.assign(**extra).to_parquet(files / f"{table}.parquet")
        language_facts().to_csv(files / "languages.tsv", sep="\t", index=False)
        for table in ("index", "learning", "best", "rivals"):
            getattr(inputs, table).to_csv(files / f"{table}.tsv", sep="\t", index=False)
        for table, rows in inputs.inference.items():
            rows.to_csv(files / "inference" / f"{table}.tsv", sep="\t", index=False)
        answer = dict(inputs.answer) | {"match": None}
        (files / "inference.json").write_text(json.dumps(answer))
        (files / "problems.txt").write_text("")
        publish(files / "data", {"recipe": {}, "rows": {"train": {"en": 100}}})
    return place


def run(script: str, root: Path, monkeypatch: pytest.MonkeyPatch, **parts: Named) -> None:
    """What the rule of that name does."""
    monkeypatch.setattr(scripting, "run_script", lambda main, given: main(given))
    snakemake = SimpleNamespace(**parts)
    runpy.run_path(str(root / "workflow/scripts" / f"{script}.py"), {"snakemake": snakemake})


def join(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Named:
    def each(file: str) -> list[str]:
        return [str(folder / name / file) for name in NAMES]

    tables = ("gains.parquet", "replicates.parquet", "similarity.parquet", "languages.tsv")
    output = Named({name.partition(".")[0]: str(folder / name) for name in tables})
    output["summary"] = str(folder / "inference.json")
    files = Named(
        gains=each("gains.parquet"), similarity=each("similarity.parquet"),
        languages=each("languages.tsv"), summaries=each("inference.json"),
        receipts=[str(folder / NAMES[0] / "data" / "receipt.json")],
    )  # fmt: skip
    params = Named(
        encoders=NAMES, settings=json.dumps(CONFIG), tasks=["mnli"], retrieval=[],
        kinds={"mnli": "pair_classification"}, training_sets={"xnli": "mnli"},
    )  # fmt: skip
    run("join_encoders", root, monkeypatch, input=files, output=output, params=params)
    return output


def test_the_scripts_write_the_joint_tables_and_the_page(folder, root, own, monkeypatch):
    made = join(folder, root, monkeypatch)
    gains = pd.read_parquet(made.gains)
    assert list(gains["encoder"].unique()) == NAMES
    for table in inference_tables():
        assert (folder / "inference" / f"{table.name}.tsv").is_file()

    def files_of(name: str) -> dict[str, object]:
        files = folder / name
        found = {table: str(files / f"{table}.parquet") for table in
                 ("gains", "similarity", "scores", "errors")}  # fmt: skip
        found |= {table: str(files / f"{table}.tsv") for table in
                  ("languages", "index", "learning", "best", "rivals")}  # fmt: skip
        inferred = sorted(map(str, (files / "inference").glob("*.tsv")))
        return found | {
            "answer": str(files / "inference.json"), "inference": inferred,
            "problems": [str(files / "problems.txt")], "runs": str(files / "runs.json"),
        }  # fmt: skip

    runs = {
        "stages": own[NAMES[0]].stages, "run_learning": own[NAMES[0]].run_learning,
        "curves": own[NAMES[0]].curves, "problems": [], "versions": {},
    }  # fmt: skip
    monkeypatch.setattr("xstilts.report.input_files.read_runs", lambda path: runs)
    contracts = [table.contract() for table in inference_tables()]
    first = own[NAMES[0]]
    settings = {
        "config": {"study": "demo", "description": "", "source": "demo"},
        "rows": first.intermediates, "targets": first.targets, "problems": [], "captions": {},
        "contracts": contracts, "titles": dict(first.titles),
    }  # fmt: skip
    joint = {
        "study": "demo", "rows": first.intermediates, "targets": first.targets,
        "problems": ["One encoder lacks a task."], "contracts": contracts, "captions": {},
    }  # fmt: skip
    shared = {
        "encoders": {name: {"files": files_of(name), "settings": settings} for name in NAMES},
        "joint": joint,
        "contracts": [table.contract() for table in ENCODER_TABLES],
    }
    files = Named(
        replicates=made.replicates, similarity=made.similarity, languages=made.languages,
        answer=made.summary,
        inference=[str(folder / "inference" / f"{t.name}.tsv") for t in inference_tables()],
        tables=[str(folder / "tables" / f"{t.name}.tsv") for t in ENCODER_TABLES],
    )  # fmt: skip
    output = Named(page=str(folder / "report.html"), best=str(folder / "tables" / "best.tsv"))
    params = Named(shared=json.dumps(shared))
    run("render_encoders", root, monkeypatch, input=files, output=output, params=params)
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "One encoder lacks a task." in html
    assert all(f'href="{name}/report.html"' in html for name in NAMES)
    best = pd.read_csv(output.best, sep="\t", keep_default_na=False)
    assert list(best["encoder"][:3]) == [OVER_ALL, *NAMES]
