"""Twenty wrong configs and ten wrong data files: a dry run says one sentence on each."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from helpers.hub_folder import changed, fill, whole_grid

pytestmark = pytest.mark.odd_input

# Edit of the config -> how the sentence begins, and a word of the remedy.
CONFIGS = {
    "a misspelt key": ({"langages": "all"}, "config: unknown key 'langages'", "'languages'"),
    "a misspelt task": (
        {"intermediate_tasks": ["mnil"]},
        "config, key 'intermediate_tasks'",
        "mnli",
    ),
    "a target as a row": ({"intermediate_tasks": ["xnli"]}, "config, key 'intermediate_tasks'", ""),
    "a task twice": ({"intermediate_tasks": ["qqp", "qqp"]}, "config, key 'intermediate_tasks", ""),
    "no target": ({"target_tasks": []}, "config, key 'target_tasks'", ""),
    "a misspelt target": ({"target_tasks": ["xnil"]}, "config, key 'target_tasks'", "xnli"),
    "a language nobody has": ({"languages": ["xx"]}, "config, key 'languages'", "xx"),
    "a language as text": ({"languages": "sw"}, "config, key 'languages'", "all"),
    "no seed": ({"seeds": []}, "config, key 'seeds'", ""),
    "a seed twice": ({"seeds": [1, 1]}, "config, key 'seeds", ""),
    "half a seed": ({"seeds": [1.5]}, "config, key 'seeds", "integer"),
    "a negative rate": (
        {"training__learning_rate": -1},
        "config, key 'training.learning_rate'",
        "",
    ),
    "a rate as text": (
        {"training__learning_rate": "fast"},
        "config, key 'training.learning_rate'",
        "",
    ),
    "too many frozen layers": ({"encoder__frozen_layers": 99}, "config, key 'encoder", "layers"),
    "an encoder that is no folder": (
        {"encoder": {"name": "e", "source": "folder", "path": "/nowhere"}},
        "config, key 'encoder.path'",
        "",
    ),
    "a misspelt source": ({"source": "foldr"}, "config, key 'source'", "folder"),
    "a data folder that is not there": ({"data_root": "/nowhere"}, "config, key 'data_root'", ""),
    "a study's name with a slash": ({"study": "a/b"}, "config, key 'study'", ""),
    "a misspelt measure": (
        {"similarity__measures": ["text_embeding"]},
        "config, key 'similarity.measures",
        "text_embedding",
    ),
    "a precision nobody has": ({"precision": "float7"}, "config, key 'precision'", ""),
    "settings of a task nobody has": ({"tasks": {"mnil": {}}}, "config, key 'tasks", "mnli"),
}


def whole(path: Path, **columns: list) -> None:
    pq.write_table(pa.table(columns), path)


QQP = "nyu-mll__glue/qqp/train.parquet"
NOT_WHOLE = "not a whole Parquet file"
# What is done to a file -> what the sentence names.
FILES = {
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:-3]), NOT_WHOLE),
    "empty": (lambda path: path.write_bytes(b""), NOT_WHOLE),
    "a web page": (lambda path: path.write_text("<html>Sign in</html>"), NOT_WHOLE),
    "a pointer of Git LFS": (
        lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"),
        NOT_WHOLE,
    ),
    "CSV under the name": (
        lambda path: path.write_text("question1,question2,label\na,b,1\n"),
        NOT_WHOLE,
    ),
    "without a column": (
        lambda path: whole(path, question1=["a"], question2=["b"]),
        "has no column 'label'",
    ),
    "with a misspelt column": (
        lambda path: whole(path, question1=["a"], question2=["b"], lable=[1]),
        "has no column 'label'",
    ),
    "of another task": (
        lambda path: whole(path, premise=["a"], hypothesis=["b"], label=[1]),
        "has no column 'question1'",
    ),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "qqp"),
    "a shard alone": (
        lambda path: path.rename(path.with_name("train-00000-of-00002.parquet")),
        "qqp",
    ),
}


@pytest.fixture(scope="module")
def said(root, tmp_path_factory):
    """What a dry run prints and its exit status, by name of the mistake."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "work").mkdir()
    fill(folder / "hub", root)
    configs = {name: changed(whole_grid(folder / "hub"), **edits)
               for name, (edits, *_) in CONFIGS.items()}  # fmt: skip
    for number, (name, (break_file, _)) in enumerate(FILES.items()):
        hub = folder / f"hub{number}"
        shutil.copytree(folder / "hub", hub)
        break_file(hub / QQP)
        configs[name] = whole_grid(hub)
    calls = []
    for number, config in enumerate(configs.values()):
        file = folder / f"{number}.yaml"
        file.write_text(yaml.safe_dump(config))
        place = [
            "--snakefile",
            str(root / "workflow" / "Snakefile"),
            "--directory",
            str(folder / "work"),
        ]
        calls.append(["-n", *place, "--configfile", str(file)])
    (folder / "calls.json").write_text(json.dumps(calls))
    ended = subprocess.run(
        [sys.executable, root / "tests" / "helpers" / "many_calls.py", folder / "calls.json"],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")},
        check=True,
    )
    return dict(zip(configs, json.loads(ended.stdout), strict=True))


def sentence(said, name: str) -> str:
    status, text = said[name]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Using")]
    assert status == 1, text
    assert len(lines) == 1 and lines[0].startswith("xstilts: "), text
    return lines[0].removeprefix("xstilts: ")


@pytest.mark.parametrize("name", CONFIGS)
def test_a_wrong_config(said, name):
    _, beginning, word = CONFIGS[name]
    told = sentence(said, name)
    assert told.startswith(beginning)
    assert word in told


@pytest.mark.parametrize("name", [name for name, (_, words) in FILES.items() if words != "qqp"])
def test_a_wrong_file(said, name):
    told = sentence(said, name)
    assert QQP in told and FILES[name][1] in told


@pytest.mark.parametrize("name", [name for name, (_, words) in FILES.items() if words == "qqp"])
def test_a_file_that_is_not_there(said, name):
    """The task is left out, and a sentence says which file to put where."""
    status, text = said[name]
    assert status == 0 and "Traceback" not in text
    assert "qqp is left out" in text and QQP in text
