"""A copy of the project, for tests that add files to it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

PARTS = ("workflow", "resources", "profiles", "config", "envs")


def copy_project(root: Path, project: Path, added: Mapping[Path, str]) -> None:
    """Copies what runs into the folder `project`, and `added` files into folders of it."""
    for part in PARTS:
        shutil.copytree(root / part, project / part)
    for file, folder in added.items():
        shutil.copy(file, project / folder)
