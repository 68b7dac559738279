"""A measure in a file that the project does not have: named, planned, compared, halved."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.core.errors import StudyError
from xstilts.plan.grid import Study
from xstilts.similarity import measures
from xstilts.similarity.artifacts import ARRAYS, TEXT_SCHEMA, TEXTS
from xstilts.similarity.comparison import Comparison

NAME = "length_likeness"
LENGTHS = {"short": 2, "long": 9, "brief": 3, "endless": 12}


@pytest.fixture
def added(add_object):
    add_object(measures, f"new_measure/{NAME}.py")


def embed(folder, length):
    """Ten texts around a length."""
    folder.mkdir()
    texts = [" ".join(["word"] * (length + number % 3)) for number in range(10)]
    rows = [{"language": "", "example_id": "", "text": text, "segments": [text]} for text in texts]
    pq.write_table(pa.Table.from_pylist(rows, schema=TEXT_SCHEMA), folder / TEXTS)
    np.savez(folder / ARRAYS)


def test_it_compares_tasks(added, tmp_path):
    for name, length in LENGTHS.items():
        embed(tmp_path / name, length)
    own = {name: {"text": name, "labels": None, "languages": []} for name in LENGTHS}
    plan = {
        "measures": [NAME], "language_measures": [], "subsamples": 20, "seed": 1, "problems": [],
        "intermediates": {name: own[name] for name in ("short", "long")},
        "targets": {name: own[name] for name in ("brief", "endless")},
        "embeddings": {name: str(tmp_path / name) for name in LENGTHS}, "evidence": {},
    }  # fmt: skip
    rows = Comparison(plan).table().to_pylist()
    found = {(row["intermediate"], row["target"]): row["similarity"] for row in rows}
    # Every task's ten texts are its length and 0, 1 or 2 words more.
    assert found == pytest.approx({
        ("short", "brief"): -1, ("short", "endless"): -10, ("long", "brief"): -6,
        ("long", "endless"): -3,
    })  # fmt: skip
    assert all(row["low"] <= row["similarity"] <= row["high"] for row in rows)
    assert {row["measure"] for row in rows} == {NAME}


def test_a_study_may_name_it(added, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = {
        "study": "a",
        "encoder": {"name": "b"},
        "limits": dict.fromkeys(("train", "dev", "test"), 9),
        "similarity": {"measures": [NAME], "primary": NAME, "language_measures": []},
    }
    embeddings = Study(config, root).embeddings
    assert embeddings.plan()["measures"] == [NAME]
    # It asks for no labels, and for no runs.
    assert embeddings.scored == {}
    assert {run.recipe["labelled"] for run in embeddings.embedded.values()} == {None}
    config["similarity"]["measures"] = ["length_likenes"]
    with pytest.raises(StudyError, match="did you mean 'length_likeness'"):
        Study(config, root)
