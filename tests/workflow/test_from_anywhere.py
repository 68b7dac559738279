"""The workflow is called from other folders, as a module, and through its own program."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.faulty_study import STUDY

MODULE = """
configfile: "study.yaml"

module xstilts:
    snakefile: "{snakefile}"
    config: config

use rule * from xstilts as transfer_*

rule all:
    default_target: True
    input: rules.transfer_all.input
"""


@pytest.fixture
def call(root: Path, tmp_path: Path):
    """`call(program, *words)` in an empty folder: what it prints."""
    folder = tmp_path / "a folder"
    folder.mkdir()

    def run(program: str, *words: object, status: int = 0) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", program, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")},
        )
        assert ended.returncode == status, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    run.folder = folder
    return run


def jobs(text: str) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}


def test_from_another_folder(call, root):
    assert (
        jobs(call("snakemake", "-n", "-s", root / "workflow" / "Snakefile"))["prepare_task"] == 18
    )
    assert (call.folder / "results").is_dir()


def test_with_directory(call, root, tmp_path):
    words = ("-n", "-s", root / "workflow" / "Snakefile", "--directory", tmp_path / "elsewhere")
    assert jobs(call("snakemake", *words))["prepare_task"] == 18
    assert not (call.folder / "results").exists()


def test_as_a_module(call, root):
    (call.folder / "Snakefile").write_text(MODULE.format(snakefile=root / "workflow" / "Snakefile"))
    (call.folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    found = jobs(call("snakemake", "-n"))
    # None, CCG; each with POS and Tatoeba.
    assert found["transfer_finetune_target"] == 2
    assert found["transfer_render_report"] == 1
    said = call("xstilts", "forecast", "-s", "Snakefile", "--configfile", "study.yaml")
    assert "Job by job: results/studies/tiny/forecast.tsv" in said


@pytest.mark.parametrize("command", ["forecast", "stale", "prune", "explain", "sbatch-preview"])
def test_snakemake_says_the_new_word(call, root, command):
    said = call(
        "snakemake",
        command.replace("-", "_"),
        "-n",
        "-s",
        root / "workflow" / "Snakefile",
        status=1,
    )
    assert f"type `xstilts {command}` instead" in said


def test_commands_take_the_words_of_snakemake(call, tmp_path):
    (call.folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    (tmp_path / "elsewhere").mkdir()
    words = ("--configfile", "study.yaml", "--config", "study=other", "--directory", "../elsewhere")
    assert "results/stale.tsv" in call("xstilts", "stale", *words)
    assert (tmp_path / "elsewhere" / "results" / "stale.tsv").is_file()
    assert "results/studies/other/data_report.tsv" in call("xstilts", "data-report", *words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("stale", "--configfile", "lost.yaml"), "there is no file"),
        (("stale", "--config", "word"), "name=value"),
        (("stale", "--directory", "lost"), "--directory: there is no folder 'lost'"),
        (("stale", "--snakefile", "lost"), "--snakefile: there is no file 'lost'"),
        (("stale", "--config", "languges=[en]"), "did you mean 'languages'"),
        (("prune",), "look at what `xstilts stale` lists first"),
        (("explain", "--cell", "mnli/xnil"), "did you mean"),
        (("sbatch-preview",), "give --profile profiles/slurm"),
        (("renames",), "name files, or a commit"),
    ],
)
def test_mistakes_are_one_sentence(call, words, sentence):
    said = call("xstilts", *words, status=1)
    assert sentence in said
    assert "Traceback" not in said
