"""Rule infer_effects, really run on simulated gains and similarity."""

import json

import pandas as pd
import pytest
import yaml
from scenarios import SMALL, Scenario, simulate

from xstilts.core.receipts import publish
from xstilts.inference.tables import inference_tables
from xstilts.plan.grid import Study


@pytest.fixture
def study(snakemake, study_file, root, monkeypatch) -> tuple:
    """A config file and a call that runs the rule alone."""
    config = {"inference__permutations": 199, "inference__bootstrap": 100}
    file = study_file(target_tasks=list(SMALL), **config)
    monkeypatch.chdir(snakemake.folder)
    planned = Study(yaml.safe_load(file.read_text()), root)
    for place, task in enumerate(planned.intermediate_tasks):
        run = planned.data(task)
        run.folder.mkdir(parents=True)
        publish(run.folder, {"recipe": run.recipe, "rows": {"train": {"en": 100 + place}}})
    made = simulate(Scenario(slope=1.0), 5, languages_of=SMALL, languages=8)
    spoken = ["ar", "de", "es", "hi", "ru", "sw", "vi", "zh"]
    codes = dict(zip(made.languages["language"], spoken, strict=True))
    planned.tables.mkdir(parents=True)
    gains = made.gains.assign(language=made.gains["language"].map(codes))
    gains.to_parquet(planned.tables / "gains.parquet")
    made.similarity.to_parquet(planned.tables / "similarity.parquet")

    def run(*arguments: str):
        summary = str(planned.tables / "inference.json")
        allowed = ["infer_effects", "write_languages"]
        only = ["--cores", "1", "--rerun-triggers", "params", "--allowed-rules", *allowed]
        return snakemake("--configfile", file, *arguments, *only, "--", summary)

    return planned.tables, run


def test_the_rule_writes_every_table_once(study):
    tables, run = study
    ended = run()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for promised in inference_tables():
        table = pd.read_csv(tables / "inference" / f"{promised.name}.tsv", sep="\t")
        assert list(table.columns) == list(promised.columns)
        assert len(table) or promised.name == "agreement"
    summary = json.loads((tables / "inference.json").read_text())
    assert summary["answer"].startswith("Over 54 pairs of tasks")
    assert summary["problems"] == []
    slopes = pd.read_csv(tables / "inference" / "language_slopes.tsv", sep="\t")
    assert slopes.set_index("language").loc["sw", "name"] == "Swahili"
    assert "training_size" in (tables / "inference" / "selection.tsv").read_text()

    assert "Nothing to be done" in run().stdout + run().stderr
    again = run("-n", "--config", "inference={equivalence_bound: 0.3}")
    assert "infer_effects" in again.stdout


def test_a_mistake_in_the_config_is_one_sentence(study):
    _, run = study
    ended = run("-n", "--config", "inference={without_language: [en]}")
    assert ended.returncode != 0
    assert "without_languages" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
