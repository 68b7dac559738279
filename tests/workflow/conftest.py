"""Snakemake's command line on a tiny study that can be planned though not run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from helpers.faulty_study import Place
from helpers.hub_folder import changed, fill, whole_grid

Snakemake = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def snakemake(root: Path, tmp_path: Path) -> Snakemake:
    """`snakemake(*arguments)`: what a user would type in an empty folder, with the workflow's."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run(*arguments: str | Path) -> subprocess.CompletedProcess:
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            root / "workflow" / "Snakefile",
        ]
        return subprocess.run(
            [*map(str, command), "--directory", str(folder), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=root,
            env={**os.environ, "COLUMNS": "200"},
        )

    run.folder = folder
    return run


@pytest.fixture
def hub(tmp_path: Path, root: Path) -> Path:
    """A data folder of the test's own."""
    fill(tmp_path / "hub", root)
    return tmp_path / "hub"


@pytest.fixture
def study_file(tmp_path: Path, hub: Path):
    """`study_file(a__b=value, ...)`: a config file of the whole grid with these edits."""

    def write(**edits: object) -> Path:
        path = tmp_path / "tiny.yaml"
        path.write_text(yaml.safe_dump(changed(whole_grid(hub), **edits)))
        return path

    return write


@pytest.fixture(scope="session")
def undisturbed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A tiny study that was run once, and that nothing disturbed."""
    place = Place(root, tmp_path_factory.mktemp("undisturbed"))
    place.heal()
    return place


@pytest.fixture
def place(undisturbed: Place, tmp_path: Path) -> Place:
    """A copy of the undisturbed run."""
    return undisturbed.copy(tmp_path / "copy")
