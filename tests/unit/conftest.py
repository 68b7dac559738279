"""Studies over a tiny data folder."""

from pathlib import Path
from types import ModuleType

import pytest

from helpers import added_objects
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


@pytest.fixture
def add_object(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`add_object(package, file)`: `package` finds a file of tests/data, until the test ends."""

    def add(package: ModuleType, file: str) -> None:
        path = root / "tests" / "data" / file
        added_objects.add_object(package, path, tmp_path / "added", monkeypatch)

    return add
