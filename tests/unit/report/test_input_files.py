"""The report's inputs from files, and the captions of what is drawn and exported."""

import json

import pandas as pd
import pytest

from xstilts.inference.tables import inference_tables
from xstilts.report import exports, figures
from xstilts.report.input_files import read_claims, read_inputs, read_table
from xstilts.report.provenance import runs_together


@pytest.fixture
def files(inputs, tmp_path) -> dict:
    found = {}
    for name in ("scores", "gains"):
        found[name] = tmp_path / f"{name}.parquet"
        getattr(inputs, name).to_parquet(found[name])
    for name in ("index", "learning", "claims"):
        found[name] = tmp_path / f"{name}.tsv"
        getattr(inputs, name).to_csv(found[name], sep="\t", index=False, na_rep="NA")
    found["problems"] = [tmp_path / "problems.txt"]
    found["problems"][0].write_text("A sentence.\n")
    receipt = {"recipe": {"stage": "target"}, "wall_seconds": 10.0, "cpu_seconds": 9.0,
               "training": {"tokens": 500}, "versions": {"torch": "2"}}  # fmt: skip
    found["runs"] = tmp_path / "runs.json"
    together = runs_together(["results/runs/target/a/receipt.json"], [receipt])
    found["runs"].write_text(json.dumps(together))
    return found


SETTINGS = {
    "config": {"study": "s", "description": "d", "source": "demo"}, "rows": ["none", "mnli"],
    "targets": ["xnli"], "problems": ["From the study."], "captions": {"gains": "c"},
    "titles": {"mnli": "MultiNLI"},
    "contracts": json.loads(json.dumps([table.contract() for table in inference_tables()])),
}  # fmt: skip


def test_reads_what_there_is_and_leaves_the_rest_empty(files, inputs):
    found = read_inputs(files, **SETTINGS)
    assert len(found.gains) == len(inputs.gains) and set(found.index["intermediate"]) >= {"none"}
    assert found.problems == ["From the study.", "A sentence."]
    assert found.similarity.empty and found.answer == {} and found.inference["effects"].empty
    assert found.stages.loc[0, "tokens_per_second"] == 50.0
    assert found.claims["verdict"].tolist() == inputs.claims["verdict"].tolist()


def test_reads_inference(files, full_inputs, tmp_path):
    effects, answer = tmp_path / "effects.tsv", tmp_path / "inference.json"
    full_inputs.inference["effects"].to_csv(effects, sep="\t", index=False)
    answer.write_text(json.dumps({"answer": "Yes."}))
    found = read_inputs(files | {"inference": [effects], "answer": answer}, **SETTINGS)
    assert found.answer["answer"] == "Yes."
    assert len(found.inference["effects"]) == len(full_inputs.inference["effects"])


def test_none_is_a_task_and_no_missing_value(tmp_path):
    (tmp_path / "t.tsv").write_text("intermediate\tvalue\nnone\t\nNA\t1.5\n")
    table = read_table(tmp_path / "t.tsv")
    assert table["intermediate"].tolist() == ["none", "NA"] and pd.isna(table["value"][0])
    (tmp_path / "c.tsv").write_text("claim\tmeasured\tlow\thigh\n1\tNA\tNA\t2.5\n")
    claims = read_claims(tmp_path / "c.tsv")
    assert pd.isna(claims["measured"][0]) and claims["high"][0] == 2.5


def test_every_figure_and_table_has_a_caption(root):
    for name in [*figures.FIGURES, *exports.PAPER_TABLES, "page"]:
        assert (root / "workflow" / "report" / f"{name}.rst").is_file(), name
