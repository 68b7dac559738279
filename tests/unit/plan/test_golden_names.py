"""Run names are promises: nothing but an edit that is meant to may change one of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import golden_names
from helpers.golden_names import CONFIGS, GOLDEN, can_be_planned

REWRITE = "if runs are meant to be renamed: python tests/helpers/golden_names.py write"
# What the planner needs of PyPI.
PLANNER = ("pyyaml", "pydantic", "pyarrow")


def other_pythons() -> list[Path]:
    """Interpreters of later versions that this machine has besides the one that runs."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    folders += sorted((Path.home() / ".pyenv" / "versions").glob("3.*/bin"))
    pythons: dict[str, Path] = {}
    for minor in range(11, 20):
        if minor == sys.version_info.minor:
            continue
        for python in (folder / f"python3.{minor}" for folder in folders):
            if f"3.{minor}" not in pythons and python.is_file() and _runs(python):
                pythons[f"3.{minor}"] = python
    return list(pythons.values())


def _runs(python: Path) -> bool:
    ended = subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True)
    return ended.returncode == 0


@pytest.mark.parametrize("config", CONFIGS)
def test_names_are_as_ever(config, tmp_path, monkeypatch):
    if not can_be_planned(config):
        pytest.skip("real samples of the data sets are not on this machine")
    monkeypatch.chdir(tmp_path)
    stored = (GOLDEN / "names" / f"{config}.txt").read_text().splitlines()
    assert golden_names.names(config) == stored, REWRITE


def test_code_is_as_ever(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stored = json.loads((GOLDEN / "code.json").read_text())
    now = golden_names.code()
    assert {source: stored[source] for source in now} == now, REWRITE


def test_every_python_gives_the_same_names(tmp_path, root):
    pythons = other_pythons()
    if not pythons:
        pytest.skip("this machine has no other Python from 3.11 up")
    script = root / "tests" / "helpers" / "golden_names.py"
    here = json.loads(subprocess.check_output([sys.executable, script]))
    for python in pythons:
        folder = tmp_path / python.name
        subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
        # By the pip that is here: to put one into each costs more than all the rest.
        pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
        install = [*pip, "install", "--quiet", "--no-compile", *PLANNER]
        if subprocess.run(install, capture_output=True).returncode:
            pytest.skip(f"{' and '.join(PLANNER)} cannot be installed for {python}")
        there = subprocess.check_output([folder / "bin" / "python", script])
        assert json.loads(there) == here, f"{python} names runs otherwise"
