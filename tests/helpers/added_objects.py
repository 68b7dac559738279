"""A file beside those of a package of objects, as if the project had it."""

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest


def add_object(
    package: ModuleType, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies `file` into `folder` and lets `package` find it there, until the test ends.

    What bears its name goes with it, as a template does.
    """
    folder.mkdir(exist_ok=True)
    for each in file.parent.glob(f"{file.stem}.*"):
        shutil.copy(each, folder)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    # Set and gone again: what a test imports under this name goes with the test.
    name = f"{package.__name__}.{file.stem}"
    monkeypatch.setitem(sys.modules, name, package)
    del sys.modules[name]
