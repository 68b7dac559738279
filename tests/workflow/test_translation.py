"""The row `+translated` through the workflow, with a random translation model."""

import json

import pyarrow.parquet as pq
import pytest
import yaml

from helpers.tiny_translator import write_translator
from xstilts.core.receipts import read_receipt
from xstilts.data.store import open_split
from xstilts.plan.grid import Study

WORDS = ["wo", "wer", "wann", "kauft", "Buch", "gestern", "Anna", "Haus", "und", "der"]


@pytest.fixture
def config(tmp_path):
    """The demo's QQP, which its grammar cannot say in German, by a model that can say nothing."""
    write_translator(tmp_path / "mt", WORDS)
    config = {
        "study": "translated",
        "source": "demo",
        "limits": {"train": 24, "dev": 8, "test": 4},
        "languages": ["en", "de", "sw"],
        "encoder": {"name": "small", "layers": 4, "frozen_layers": 3},
        "intermediate_tasks": ["qqp", "qqp+translated"],
        "target_tasks": ["xnli"],
        "translated": {
            "languages": ["de", "sw"],
            "model": {"source": "folder", "path": str(tmp_path / "mt"), "beams": 1,
                      "first_token": "__{code}__", "maximum_length": 16},
        },
    }  # fmt: skip
    path = tmp_path / "translated.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def test_translated_prepared_and_never_again(snakemake, config, root, monkeypatch):
    monkeypatch.chdir(snakemake.folder)
    study = Study(yaml.safe_load(config.read_text()), root)
    made = study.prepared.translations("qqp+translated")
    data = study.data("qqp+translated")
    ended = snakemake(data.receipt, "--cores", "1", "--configfile", config)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ids = []
    for language, run in made.items():
        receipt = read_receipt(run.folder)
        rows = pq.read_table(run.folder / "train.parquet").to_pylist()
        assert receipt["rows"] == len(rows) > 0
        assert json.dumps(receipt["recipe"], sort_keys=True)
        # What a receipt tells of any job.
        assert receipt["device"] == "cpu" and receipt["versions"]["torch"]
        assert receipt["peak_memory_bytes"] and receipt["begun"] <= receipt["ended"]
        ids += [row["id"] for row in rows]
        assert read_receipt(data.folder)["rows"]["train"][language] == len(rows)
    assert len(set(ids)) == len(ids)
    split = open_split(data.folder / "train.arrow")
    assert set(split.table["language"].to_pylist()) == {"de", "sw"}
    assert set(open_split(data.folder / "dev.arrow").table["language"].to_pylist()) == {"en"}
    again = snakemake("-n", data.receipt, "--configfile", config)
    assert "Nothing to be done" in again.stdout + again.stderr
