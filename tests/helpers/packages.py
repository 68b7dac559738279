"""Files that installed packages carry."""

from importlib.util import find_spec
from pathlib import Path

import pytest


def folder_of_package(name: str, told: str) -> Path:
    """The folder of package `name`; skips the test where `told` is not installed."""
    spec = find_spec(name)
    if spec is None:
        pytest.skip(f"{told}, is not installed")
    return Path(spec.submodule_search_locations[0])
