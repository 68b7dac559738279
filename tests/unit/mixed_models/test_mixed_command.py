import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers.mixed_reference import FOLDER
from mixed_models.__main__ import main

TABLE = FOLDER / "missing_dyads.csv"
WORDS = ["--response", "gain", "--fixed", "similarity", "--random", "intermediate", "target"]


def test_the_fit_is_written(tmp_path):
    output = tmp_path / "fit.json"
    slopes = ["--slope", "similarity|intermediate", "--slope", "similarity|target"]
    assert main([str(TABLE), *WORDS, *slopes, "--output", str(output)]) == 0
    found = json.loads(output.read_text())
    assert [row["term"] for row in found["fixed"]] == ["Intercept", "similarity"]
    assert found["dropped_components"] == ["similarity|intermediate"]
    assert [part["name"] for part in found["random"]] == [
        "intermediate",
        "target",
        "similarity|intermediate",
        "similarity|target",
    ]
    assert found["reml"] is True


def test_under_maximum_likelihood_it_says_so(capsys):
    assert main([str(TABLE), *WORDS, "--ml"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reml"] is False
    assert "Satterthwaite" in found["tests"]
    assert found["fixed"][0]["df_kenward_roger"] is None


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_all_kinds_of_tables_are_read(ending, tmp_path, capsys):
    path = tmp_path / f"table.{ending}"
    table = pd.read_csv(TABLE)
    if ending == "parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, sep={"csv": ",", "tsv": "\t"}[ending], index=False)
    assert main([str(path), *WORDS]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 67


UNREADABLE = {
    "table.xlsx": b"PK",
    "nothing.csv": b"",
    "header.csv": b"gain,similarity\n",
    "ragged.csv": b"a,b\n1,2\n1,2,3\n",
    "latin.csv": b"gain\n\xff\xfe\x00\n",
    "broken.parquet": b"PAR1 no more",
    "absent.csv": None,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_table_is_said(name, tmp_path, capsys):
    if UNREADABLE[name] is not None:
        (tmp_path / name).write_bytes(UNREADABLE[name])
    assert main([str(tmp_path / name), *WORDS]) == 1
    told = capsys.readouterr().err
    assert name in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("output", ["no/such/folder/fit.json", "."])
def test_an_unwritable_output_is_said(output, tmp_path, capsys):
    assert main([str(TABLE), *WORDS, "--output", str(tmp_path / output)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("mixed_models: cannot write")
    assert told.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_it_stands_alone(root):
    """As a user runs it, here onto a full disk: one sentence, exit status 1, no traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "mixed_models", str(TABLE), *WORDS],
            env={**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ended.returncode == 1
    assert ended.stderr == "mixed_models: cannot write the result: No space left on device\n"


def test_a_mistake_is_one_sentence(capsys):
    assert main([str(TABLE), *WORDS[:-1], "targte"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "mixed_models: the table has no column 'targte'; did you mean 'target'?\n"
