"""A run that was stopped, killed or damaged ends with the bytes of one that was left alone."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from helpers.workshop import KINDS, Workshop, make, products
from xstilts.core.processor import multiplies_bfloat16
from xstilts.core.receipts import publish
from xstilts.core.termination import Interrupted
from xstilts.training import checkpoint
from xstilts.training import job as stage
from xstilts.training.loop import Training
from xstilts.training.target import finetune_target

pytestmark = pytest.mark.fault

PRECISION = "bfloat16" if multiplies_bfloat16() else "float32"


class Killed(BaseException):
    """What SIGKILL is to a process: no code of the job runs any more."""


def one_task(workshop, name, **more):
    return workshop.job(name, "target", ["pairs"], ["pairs"], evaluations=3, epochs=3, **more)


def several_tasks(workshop, name, **more):
    return workshop.job(name, "intermediate", list(KINDS), evaluations=4, epochs=1, **more)


@pytest.fixture
def filled(workshop) -> Workshop:
    workshop.trained("pairs", "pair_classification")
    for kind in KINDS:
        workshop.trained(kind, kind, count=24)
    return workshop


def on_step(monkeypatch, action):
    """Call `action(number)` right after every step; the list of steps that were taken."""
    original, taken = Training._step, []

    def step(self):
        original(self)
        taken.append(self.progress.step)
        action(self.progress.step)

    monkeypatch.setattr(Training, "_step", step)
    return taken


def terminate_at(*steps):
    return lambda step: step in steps and os.kill(os.getpid(), signal.SIGTERM)


def kill_at(last):
    def action(step):
        if step == last:
            raise Killed

    return action


def undisturbed(filled, build, **more):
    job = build(filled, "undisturbed", **more)
    make(job)
    return products(job)


MATRIX = [
    pytest.param(build, dropout, id=f"{build.__name__}-dropout{dropout}")
    for build in (one_task, several_tasks)
    for dropout in (0.0, 0.1)
]


@pytest.mark.parametrize(("build", "dropout"), MATRIX)
def test_terminated_runs_go_on_bit_for_bit(filled, monkeypatch, build, dropout):
    expected = undisturbed(filled, build, dropout=dropout)
    steps = expected[1]["training"]["planned_steps"]
    # In the first step, before and at an evaluation, and in the last step of all.
    stops = [1, 2, 5, steps // 2, steps]
    assert stops == sorted(set(stops))
    job = build(filled, "stopped", dropout=dropout)
    taken = on_step(monkeypatch, terminate_at(*stops))
    for stop in stops:
        with pytest.raises(Interrupted):
            make(job)
        assert taken[-1] == stop
        assert not job.folder.exists()
    make(job)
    assert taken == list(range(1, steps + 1))  # no step was taken twice
    assert products(job) == expected
    assert not job.scratch.exists()


@pytest.mark.parametrize(("build", "dropout"), MATRIX)
def test_killed_runs_go_on_from_their_last_checkpoint(filled, monkeypatch, build, dropout):
    expected = undisturbed(filled, build, dropout=dropout)
    job = build(filled, "killed", dropout=dropout, checkpoint_seconds=0)
    original = checkpoint.save

    def sometimes(folder, tensors, state):
        if state["step"] % 4 == 3:
            original(folder, tensors, state)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", sometimes)
        taken = on_step(patch, kill_at(6))
        with pytest.raises(Killed):
            make(job)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", sometimes)
        again = on_step(patch, kill_at(9))
        with pytest.raises(Killed):
            make(job)
    taken += again + on_step(monkeypatch, lambda step: None)
    make(job)
    steps = expected[1]["training"]["planned_steps"]
    assert taken[:12] == [1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8, 9]
    assert products(job) == expected
    assert steps > 9


@pytest.mark.parametrize(
    ("end", "error", "settings"),
    [
        (kill_at(7), Killed, {}),
        (terminate_at(6), Interrupted, {"frozen": 1, "patience": 1, "precision": PRECISION}),
    ],
    ids=["killed before the first checkpoint", "frozen layers, patience and bfloat16"],
)
def test_ended_once_and_made(filled, monkeypatch, end, error, settings):
    expected = undisturbed(filled, one_task, dropout=0.1, **settings)
    job = one_task(filled, "ended", dropout=0.1, **settings)
    with monkeypatch.context() as patch:
        on_step(patch, end)
        with pytest.raises(error):
            make(job)
    make(job)
    assert products(job) == expected


def test_a_diverged_run_stays_diverged_when_it_resumes(filled, monkeypatch):
    more = {"learning_rate": 1e30, "gradient_clip": 1e30}
    expected = undisturbed(filled, one_task, **more)
    stop = expected[1]["training"]["steps"]
    assert expected[1]["status"] == "diverged"
    assert stop > 0
    job = one_task(filled, "stopped", **more)
    with monkeypatch.context() as patch:
        on_step(patch, terminate_at(stop))
        with pytest.raises(Interrupted):
            make(job)
    make(job)
    assert products(job) == expected


def test_the_handler_of_signals_is_put_back(filled):
    before = signal.getsignal(signal.SIGTERM)
    make(one_task(filled, "run"))
    assert signal.getsignal(signal.SIGTERM) is before


def code_of(job, text=""):
    return (
        "import os, signal, sys, torch; from pathlib import Path, PosixPath\n"
        "from xstilts.training.job import Job\n"
        "from xstilts.training.loop import Training\n"
        "from xstilts.training.target import finetune_target\n"
        f"torch.set_num_threads(1)\n{text}\nfinetune_target({job!r})\n"
    )


def start(code, **more):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)} | more
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
    )


STOP_AT_STEP = """
step = Training._step
def wrapped(self):
    step(self)
    if self.progress.step == 8:
        os.kill(os.getpid(), signal.{name})
Training._step = wrapped
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_real_signal_to_a_real_process(filled, name):
    expected = undisturbed(filled, one_task, dropout=0.1)
    job = one_task(filled, "killed", dropout=0.1, checkpoint_seconds=0 if name == "SIGKILL" else 60)
    process = start(code_of(job, STOP_AT_STEP.format(name=name)))
    message = process.communicate()[1]
    assert process.returncode == (-signal.SIGKILL if name == "SIGKILL" else 1)
    assert ("Interrupted" in message) == (name == "SIGTERM")
    assert checkpoint.load(job.scratch)[1]["step"] == (7 if name == "SIGKILL" else 8)
    make(job)
    assert products(job) == expected


# Damage


def flip(data, place):
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


DAMAGE = {
    "a bit of the weights": lambda data: flip(data, len(data) - 1000),
    "a bit of the header": lambda data: flip(data, 100),
    "the length of the header": lambda data: flip(data, 0),
    "cut short": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"no checkpoint at all",
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_checkpoint_starts_anew_with_a_message(filled, monkeypatch, capsys, how):
    expected = undisturbed(filled, one_task)
    job = one_task(filled, "damaged")
    with monkeypatch.context() as patch:
        on_step(patch, terminate_at(8))
        with pytest.raises(Interrupted):
            make(job)
    path = job.scratch / checkpoint.NAME
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    capsys.readouterr()
    taken = on_step(monkeypatch, lambda step: None)
    make(job)
    message = capsys.readouterr().err
    assert str(path) in message
    assert "is damaged" in message
    assert "starting this run anew" in message
    assert taken[0] == 1
    assert products(job) == expected


def test_a_checkpoint_of_another_recipe_is_not_picked_up(filled, monkeypatch):
    expected = undisturbed(filled, one_task, seed=2)
    with monkeypatch.context() as patch:
        on_step(patch, terminate_at(8))
        with pytest.raises(Interrupted):
            make(one_task(filled, "seed1", seed=1))
    job = one_task(filled, "seed2", seed=2)
    taken = on_step(monkeypatch, lambda step: None)
    make(job)
    assert taken[0] == 1
    assert products(job) == expected
    assert (filled.root / "scratch" / "seed1" / checkpoint.NAME).is_file()


# The lock


def test_a_second_process_waits_and_takes_the_result(filled, monkeypatch, capsys):
    job = one_task(filled, "shared")
    made, seen = [], []
    monkeypatch.setattr("xstilts.training.target.fit", lambda job: made.append(job))

    def second():
        finetune_target(job)
        seen.append((job.folder / "receipt.json").is_file())

    with stage.making(job) as must_run:
        assert must_run
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.15)
        assert thread.is_alive()
        publish(job.folder, {})
    thread.join(timeout=10)
    assert seen == [True]
    assert made == []
    assert "another process is making shared: waiting for it" in capsys.readouterr().err
    assert not job.scratch.exists()


def test_if_the_first_process_dies_the_waiting_one_makes_the_run(filled):
    job = one_task(filled, "shared")
    job.scratch.mkdir(parents=True)
    hold = "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.flock(f,2); print(1,flush=True)"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"{hold}; time.sleep(60)", str(job.scratch / "lock")],
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    timer = threading.Timer(0.2, holder.kill)
    timer.start()
    begun = time.monotonic()
    assert make(job)["status"] == "done"
    assert time.monotonic() - begun >= 0.19
    holder.wait()
    holder.stdout.close()


def test_a_finished_run_is_not_made_again(filled, monkeypatch):
    job = one_task(filled, "run")
    make(job)
    expected = (job.folder / "receipt.json").stat().st_mtime_ns
    monkeypatch.setattr("xstilts.training.target.fit", lambda job: pytest.fail("trained again"))
    make(job)
    assert (job.folder / "receipt.json").stat().st_mtime_ns == expected
