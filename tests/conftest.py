"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

# One thread a process, as Snakemake gives its jobs: tests run side by side, and idle threads of
# linear algebra would be counted as time. Before anything imports NumPy.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def samples() -> Path:
    """Real samples of all data sets in the Hub's layout, where the machine has them."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            "real samples of the data sets are not on this machine (looked in ../shared/data)"
        )
    return folder
