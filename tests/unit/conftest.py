"""Studies over a tiny data folder."""

from pathlib import Path

import pytest

from helpers.hub_folder import changed, fill, whole_grid
from xstilts.plan.grid import Study


@pytest.fixture(scope="session")
def data_root(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The data folder; tests that change files copy it first."""
    folder = tmp_path_factory.mktemp("hub")
    fill(folder, root)
    return folder


@pytest.fixture
def base(data_root: Path) -> dict:
    """The whole grid, one seed."""
    return whole_grid(data_root)


@pytest.fixture
def plan(base: dict, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`plan(a__b=value, ...)`: the study of the base config with these edits, in a new folder."""
    monkeypatch.chdir(tmp_path)
    return lambda **edits: Study(changed(base, **edits), root)
