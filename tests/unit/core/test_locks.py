"""Locks that die with their process, whatever it dies of."""

import fcntl

import pytest

from xstilts.core import locks as locking
from xstilts.core.locks import exclusive

pytestmark = pytest.mark.fault


def no_locks(*_):
    raise OSError(95, "Operation not supported")


def test_without_locks_in_the_file_system_none_is_held(tmp_path, monkeypatch):
    monkeypatch.setattr(locking.fcntl, "flock", no_locks)
    with exclusive(tmp_path / "lock", "making x") as held:
        assert not held


def test_a_lock_file_that_was_deleted_meanwhile_is_no_lock(tmp_path, monkeypatch):
    """Its deleter is done; the next in line would otherwise share the run with a third."""
    path, waits = tmp_path / "lock", []

    def wait(stream, what):
        waits.append(stream)
        if len(waits) == 1:
            path.unlink()
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setattr(locking, "_wait", wait)
    with exclusive(path, "making x") as held:
        assert held
        with path.open() as another, pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert len(waits) == 2


def test_nothing_is_left_of_a_lock(tmp_path):
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path / "lock", "making x"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
