"""Locks of dead Snakemakes are removed, those of the living not, on whatever machine they are."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xstilts.jobs import life_signs
from xstilts.jobs.life_signs import FOLDER, lock_files, show_life

pytestmark = pytest.mark.fault

# As a Snakemake: shows life, takes locks, names them (or not), says so, and lives on.
CODE = """
import sys, time
from pathlib import Path
from xstilts.jobs import life_signs
life_signs.BEAT_SECONDS = 0.1
folder, machine, named, *locks = sys.argv[1:]
if machine:
    life_signs.machine = lambda: machine
sign, said = life_signs.show_life(Path(folder))
paths = [Path(folder, "locks", name) for name in locks]
for path in paths:
    path.parent.mkdir(exist_ok=True)
    path.write_text("results/x")
if named == "named":
    sign.names(paths)
print(said, flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".snakemake"


@pytest.fixture
def start(folder):
    """`start(*locks)`: a process that holds these locks; killed at the end."""
    running = []

    def begin(*locks, named=True, machine=""):
        how = "named" if named else ""
        command = [sys.executable, "-c", CODE, str(folder), machine, how, *locks]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        running.append(process)
        process.said = process.stdout.readline().strip()
        return process

    yield begin
    for process in running:
        kill(process)
        process.stdout.close()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def left(folder):
    return {name for name, _, _ in lock_files(folder)}


def look(folder):
    """What a new Snakemake says at its start."""
    sign, said = show_life(folder)
    sign.end()
    return said


LOCKS = ("0.input.lock", "0.output.lock")


@pytest.mark.parametrize("named", [True, False])
def test_locks_of_the_dead_are_removed_and_it_is_said_once(folder, start, named):
    """Also of one that was killed between taking its locks and naming them."""
    process = start(*LOCKS, named=named)
    assert look(folder) is None and left(folder) == {*LOCKS}
    kill(process)
    assert look(folder).startswith("An earlier Snakemake was killed here")
    assert left(folder) == set()
    assert look(folder) is None
    assert not list((folder / FOLDER).glob("*.json"))


def test_of_two_studies_in_a_folder_the_living_one_keeps_its_lock(folder, start):
    dead, living = start(*LOCKS), start("1.input.lock", "1.output.lock")
    kill(dead)
    assert look(folder)
    assert left(folder) == {"1.input.lock", "1.output.lock"}
    assert living.poll() is None
    assert look(folder) is None


@pytest.mark.parametrize("named", [True, False])
def test_what_a_living_one_may_have_made_stays(folder, start, named):
    """Named or not yet; what the dead one alone can have made goes."""
    dead = start("0.input.lock", named=False)
    start("1.input.lock", named=named)
    kill(dead)
    look(folder)
    assert "1.input.lock" in left(folder)
    assert ("0.input.lock" in left(folder)) is False


def test_locks_that_were_there_before_are_not_those_of_the_dead(folder, start):
    """Another workflow's, which shows no sign of life."""
    (folder / "locks").mkdir(parents=True)
    (folder / "locks" / "7.output.lock").touch()
    kill(start("0.input.lock", named=False))
    assert look(folder)
    assert left(folder) == {"7.output.lock"}


def test_a_name_that_was_used_again_is_another_lock(folder, start):
    kill(start(*LOCKS))
    for name in LOCKS:
        (folder / "locks" / name).unlink()
        (folder / "locks" / name).write_text("another's")
    look(folder)
    assert left(folder) == {*LOCKS}


def test_a_killed_container_is_dead_once_it_is_silent(folder, start, monkeypatch):
    """It ran under another kernel: only the time without a beat tells."""
    monkeypatch.setattr(life_signs, "SILENT_SECONDS", 1.0)
    kill(start(*LOCKS, machine="another"))
    begun = time.monotonic()
    assert look(folder)
    assert left(folder) == set()
    assert time.monotonic() - begun < 5


def test_another_machine_that_beats_is_alive_though_its_flock_is_not_seen(
    folder, start, monkeypatch
):
    monkeypatch.setattr(life_signs, "SILENT_SECONDS", 1.0)
    process = start(*LOCKS, machine="another")
    # As on a file system that keeps flocks to each machine.
    (sign,) = (folder / FOLDER).glob("*.json")
    copy = sign.read_text()
    sign.unlink()
    sign.write_text(copy)
    assert look(folder) is None
    assert left(folder) == {*LOCKS}
    kill(process)
    assert look(folder)


def test_a_host_name_says_nothing(folder, start, monkeypatch):
    """Containers on one kernel: another name, the same flocks, and no time to wait."""
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(["Linux", "other", "", "", ""]))
    kill(start(*LOCKS))
    begun = time.monotonic()
    assert look(folder)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"machine": "x"})])
def test_a_damaged_sign_removes_nothing(folder, content):
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "x.json").write_text(content)
    (folder / "locks").mkdir()
    (folder / "locks" / "0.input.lock").touch()
    assert look(folder) is None
    assert left(folder) == {"0.input.lock"}


def test_without_locks_in_the_file_system_nothing_is_concluded(folder, start, monkeypatch):
    kill(start(*LOCKS))

    def no_locks(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(life_signs.fcntl, "flock", no_locks)
    assert show_life(folder) == (None, None)
    assert left(folder) == {*LOCKS}


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    assert show_life(tmp_path / "file" / ".snakemake") == (None, None)


def test_children_do_not_keep_the_dead_alive(folder):
    sign, _ = show_life(folder)
    child = subprocess.Popen(["sleep", "30"], close_fds=False)
    (path,) = (folder / FOLDER).glob("*.json")
    kept = path.read_text()
    sign.end()
    Path(path).write_text(kept)
    assert life_signs.Other.read(path).is_dead()
    child.kill()
    child.wait()
