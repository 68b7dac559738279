"""Fixtures shared by all tests."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

# One thread a process, as Snakemake gives its jobs: tests run side by side, and idle threads of
# linear algebra would be counted as time. Before anything imports NumPy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Hundreds of Pythons are started: whatever a container says, none compiles the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).resolve().parent.parent


def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: for a third of their time tests wait for what they have started."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(autouse=True, scope="session")
def no_power_is_lost() -> Iterator[None]:
    """Files that tests write themselves need not be on the disk; what they start waits for it."""
    with mock.patch("os.fsync", lambda descriptor: None):
        yield


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
