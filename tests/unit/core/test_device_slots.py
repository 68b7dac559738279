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
index = device_slots.hold_slot(devices, Path(folder), int(sys.argv[4]))
assert index == device_slots.hold_slot(devices, Path(folder))
print(json.dumps([index, time.monotonic()]), flush=True)
time.sleep(seconds)
print(time.monotonic(), flush=True)
"""


@pytest.fixture
def start(tmp_path):
    running = []

    def begin(count, seconds, share=1):
        words = [str(tmp_path / "slots"), str(count), str(seconds), str(share)]
        command = [sys.executable, "-c", CODE, *words]
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
    times = times_of(processes)
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


def times_of(processes):
    """When each held which device."""
    times: dict[int, list[tuple[float, float]]] = {}
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        first, end = out.splitlines()
        index, begin = json.loads(first)
        times.setdefault(index, []).append((begin, float(end)))
    return times


def most_at_once(spans):
    moments = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    return max(itertools.accumulate(change for _, change in moments))


def test_so_many_and_no_more_share_a_device(start):
    times = times_of([start(2, 0.4, share=3) for _ in range(14)])
    assert times.keys() == {0, 1}
    assert {most_at_once(spans) for spans in times.values()} == {3}


def test_jobs_that_share_spread_over_devices(start):
    holders = [start(3, 60, share=2) for _ in range(3)]
    assert sorted(json.loads(one.stdout.readline())[0] for one in holders) == [0, 1, 2]


def test_who_wants_a_device_alone_has_it_alone(start):
    """Another study on the machine may share, or not."""
    sharing = [start(1, 60, share=2) for _ in range(2)]
    for process in sharing:
        process.stdout.readline()
    alone = start(1, 60)
    assert "taken" in alone.stderr.readline()
    sharing[0].kill()
    time.sleep(0.2)
    assert alone.poll() is None
    sharing[1].kill()
    assert json.loads(alone.stdout.readline())[0] == 0
    late = start(1, 0, share=2)
    assert "taken" in late.stderr.readline()
    alone.kill()
    assert json.loads(late.stdout.readline())[0] == 0


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
