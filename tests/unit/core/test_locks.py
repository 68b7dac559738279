"""Locks that die with their process, whatever it dies of."""

import fcntl
import os
import subprocess
import sys

import pytest

from xstilts.core import locks as locking
from xstilts.core.locks import RECORD, exclusive
from xstilts.core.locks import remove_stale_locks as remove
from xstilts.jobs.snakemake_bridge import lock_files

HOST = os.uname().nodename


def remove_stale_locks(folder):
    return remove(folder, lock_files)


@pytest.fixture
def folder(tmp_path):
    """A .snakemake folder as a killed Snakemake leaves it."""
    locks = tmp_path / "locks"
    locks.mkdir()
    for name in ("0.input.lock", "0.output.lock"):
        (locks / name).write_text("results/x\n")
    (tmp_path / RECORD).write_text(HOST)
    return tmp_path


def left(folder):
    return sorted(path.name for path in (folder / "locks").iterdir())


def test_locks_of_the_dead_are_removed_and_it_is_said_once(folder):
    (folder / "locks" / "mine.txt").touch()
    stream, said = remove_stale_locks(folder)
    assert said.startswith("An earlier Snakemake was killed here")
    assert left(folder) == ["mine.txt"]
    stream.close()
    stream, said = remove_stale_locks(folder)
    assert said is None
    stream.close()


def test_locks_of_the_living_are_left(folder):
    (folder / "locks" / "0.input.lock").unlink()
    first, said = remove_stale_locks(folder)
    (folder / "locks" / "0.input.lock").touch()
    # In a process of its own, as one process may lock its own file twice.
    code = (
        "from pathlib import Path\nfrom xstilts.core.locks import remove_stale_locks\n"
        "from xstilts.jobs.snakemake_bridge import lock_files\n"
        f"print(remove_stale_locks(Path({str(folder)!r}), lock_files)[1])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    again = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert again.stdout == b"None\n", again.stderr
    assert left(folder) == ["0.input.lock"]
    first.close()
    stream, said = remove_stale_locks(folder)
    assert said
    stream.close()


@pytest.mark.parametrize("record", ["another-machine", ""])
def test_locks_of_another_machine_are_left(folder, record):
    """Or of a Snakemake that did not know of this."""
    (folder / RECORD).write_text(record)
    stream, said = remove_stale_locks(folder)
    assert said is None
    assert len(left(folder)) == 2
    stream.close()


def no_locks(*_):
    raise OSError(95, "Operation not supported")


def test_without_locks_in_the_file_system_nothing_is_concluded(folder, monkeypatch):
    monkeypatch.setattr(locking.fcntl, "flock", no_locks)
    assert remove_stale_locks(folder) == (None, None)
    assert len(left(folder)) == 2
    with exclusive(folder / "lock", "making x") as held:
        assert not held


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    assert remove_stale_locks(tmp_path / "file" / ".snakemake") == (None, None)


def test_children_do_not_inherit_the_lock(folder):
    stream, _ = remove_stale_locks(folder)
    child = subprocess.Popen(["sleep", "30"], close_fds=False)
    stream.close()
    with (folder / RECORD).open() as again:
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    child.kill()
    child.wait()


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
