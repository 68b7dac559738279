"""No two processes ever have the same device; without a GPU, as names are all that counts."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from xstilts.core import device_slots
from xstilts.core.device_slots import chosen_by_slurm, hold_slot

pytestmark = pytest.mark.fault

# Holds a slot, writes when and which, works for a while, and goes.
CODE = """
import json, sys, time
from pathlib import Path
from xstilts.core import device_slots
device_slots.POLL_SECONDS = 0.02
folder, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
devices = [f"GPU-{i}" for i in range(count)]
index = device_slots.hold_slot(devices, Path(folder))
assert index == device_slots.hold_slot(devices, Path(folder))
print(json.dumps([index, time.monotonic()]), flush=True)
time.sleep(seconds)
print(time.monotonic(), flush=True)
"""


@pytest.fixture
def start(tmp_path):
    running = []

    def begin(count, seconds):
        command = [sys.executable, "-c", CODE, str(tmp_path / "slots"), str(count), str(seconds)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def test_slots_are_never_shared(start):
    """Ten processes on three devices: whoever has one has it alone for all of its time."""
    processes = [start(3, 0.15) for _ in range(10)]
    times: dict[int, list[tuple[float, float]]] = {}
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        first, end = out.splitlines()
        index, begin = json.loads(first)
        times.setdefault(index, []).append((begin, float(end)))
    assert times.keys() == {0, 1, 2}
    for spans in times.values():
        spans.sort()
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_slot_of_the_killed_is_free(start, how):
    holders = [start(2, 60) for _ in range(2)]
    held = {json.loads(process.stdout.readline())[0]: process for process in holders}
    assert held.keys() == {0, 1}
    waiting = start(2, 0)
    assert "All devices (2) are taken" in waiting.stderr.readline()
    time.sleep(0.2)
    assert waiting.poll() is None
    held[1].send_signal(how)
    assert json.loads(waiting.stdout.readline())[0] == 1
    assert held[0].poll() is None


def test_the_same_device_under_another_index_is_the_same(tmp_path, start, monkeypatch):
    """CUDA_VISIBLE_DEVICES renumbers them."""
    monkeypatch.setattr(device_slots, "_held", {})
    holder = start(1, 60)
    assert json.loads(holder.stdout.readline())[0] == 0
    assert hold_slot(["GPU-0", "GPU-7"], tmp_path / "slots") == 1


def test_without_locks_the_first_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(device_slots, "_held", {})

    def no_locks(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(device_slots.fcntl, "flock", no_locks)
    assert hold_slot(["a", "b"], tmp_path) == 0


@pytest.mark.parametrize(
    ("job", "visible", "chosen"), [("7", 1, True), ("7", 4, False), (None, 1, False)]
)
def test_slurm_chooses_where_it_shows_one(monkeypatch, job, visible, chosen):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    if job:
        monkeypatch.setenv("SLURM_JOB_ID", job)
    assert chosen_by_slurm(visible) is chosen
