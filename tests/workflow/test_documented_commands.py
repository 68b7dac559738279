"""Every command that the README and the guides print does what it should, as printed.

In a copy of the repository whose demo is finished but for its numbers, with simulated tables.
Snakemake's commands are planned (-n). Words in capitals are filled in.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.finished_study import finish
from helpers.hub_folder import fill
from helpers.simulated_inference import simulate_similarity
from helpers.simulated_study import INTERMEDIATES, TARGETS, simulate
from xstilts.plan.grid import Study

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "profiles" / "README.md",
         *sorted((ROOT / "docs").glob("*.md"))]  # fmt: skip
PROGRAMS = ("snakemake", "xstilts", "python", "make", "source", "pip")
# What a test of its own runs, installs, or would need a network for.
ELSEWHERE = re.compile(r"make |source |pip |xstilts pin|snakedeploy|.*(git|gh:|--diff|--report|…)")
NAMED = {"xstilts sbatch-preview", "xstilts plan", "xstilts answer", "xstilts keep"}
FILES = {
    "xstilts renames FILE": "workflow/scripts/xstilts/training/loop.py",
    "--configfile FILE": "config/config.yaml",
}


def commands_of(text: str) -> list[str]:
    """Commands in blocks of `sh` and in back quotes, each once."""
    blocks = re.findall(r"^```(?:sh|bash)\n(.*?)^```", text, re.M | re.S)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    outside = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    quoted = re.findall(r"`((?:snakemake|xstilts) [^`]+)`", outside)
    plain = [" ".join(shlex.split(line, comments=True, posix=False)) for line in [*lines, *quoted]]
    return list(dict.fromkeys(line for line in plain if line))


def documented() -> list[str]:
    found = [line for page in PAGES for line in commands_of(page.read_text())]
    # Named in passing, without what it needs.
    return [line for line in dict.fromkeys(found) if line not in NAMED]


def test_every_line_is_a_command_that_is_known():
    assert [line for line in documented() if line.split()[0] not in PROGRAMS] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository with a finished demo and a data folder."""
    place = tmp_path_factory.mktemp("documented")
    for part in ("workflow", "resources", "config", "profiles", "envs"):
        shutil.copytree(ROOT / part, place / part)
    fill(place / "FOLDER", ROOT)
    before = Path.cwd()
    os.chdir(place)
    try:
        study = Study(yaml.safe_load((place / "config" / "config.yaml").read_text()), place)
        finish(study)
        tables = simulate()
        rows = [name for name in INTERMEDIATES if name != "none"]
        similarity = simulate_similarity(rows, TARGETS)
        for name, table in {**tables, "similarity": similarity}.items():
            if name in ("gains", "scores", "similarity"):
                table.to_parquet(study.tables / f"{name}.parquet")
        mine = similarity[similarity["target"] == TARGETS[0]][["intermediate", "similarity"]]
        mine = mine.groupby("intermediate", as_index=False).first()
        mine.to_csv(place / "my_task.tsv", sep="\t", index=False)
        best = study.tables / "submission" / "best"
        best.mkdir(parents=True)
        shutil.copy(study.tables / "gains.parquet", place / "TABLE.parquet")
        tables["gains"].to_csv(place / "TABLE.csv", index=False)
    finally:
        os.chdir(before)
    return place


def as_typed(command: str) -> list[str]:
    for words, value in FILES.items():
        command = command.replace(words, words.replace("FILE", value))
    words = shlex.split(command)
    if words[0] == "snakemake":
        return [sys.executable, "-m", *words, "-n", "--quiet"]
    if words[0] == "xstilts":
        return [sys.executable, "-m", *words]
    return [sys.executable, *words[1:]]


def run(copy: Path, command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        as_typed(command),
        cwd=copy,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(copy / "workflow" / "scripts"), "COLUMNS": "200"},
    )


@pytest.mark.parametrize("command", [c for c in documented() if not ELSEWHERE.match(c)])
def test_it_works_as_printed(copy, command):
    if "prune" in command:
        run(copy, "xstilts stale")
    ended = run(copy, command)
    seen = ended.stdout + ended.stderr
    assert "Traceback" not in seen, seen
    # A submission that is empty is refused, as it should be.
    assert ended.returncode == (1 if "submission validate" in command else 0), seen
