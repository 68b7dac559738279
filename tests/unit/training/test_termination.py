"""SIGTERM outside the steps of training: what is finished by then is never done a second time."""

import os
import signal
import subprocess
import sys

import pytest

from helpers import rows
from helpers.workshop import make, products
from xstilts.core import termination
from xstilts.core.termination import Interrupted
from xstilts.encoders import batching
from xstilts.training import checkpoint
from xstilts.training.loop import Training

pytestmark = pytest.mark.fault

# Passes over a split in a run of `job`: three dev sets while it trains, the target's test set.
PASSES = 4


@pytest.fixture
def job(workshop):
    """Builds the same run under different names."""
    workshop.trained("pairs", "pair_classification")

    def build(name, **more):
        settings = {"evaluations": 3, "epochs": 3, "dropout": 0.1, **more}
        return workshop.job(name, "target", ["pairs"], ["pairs"], **settings)

    return build


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def on_pass(monkeypatch, action):
    """Call `action(number)` in the middle of every pass over a split; the passes so far."""
    original, begun = batching.in_order, []

    def in_order(units):
        begun.append(len(begun) + 1)
        for batch in original(units):
            action(begun[-1])
            yield batch

    monkeypatch.setattr(batching, "in_order", in_order)
    return begun


def steps_taken(monkeypatch):
    original, taken = Training._step, []

    def step(self):
        original(self)
        taken.append(self.progress.step)

    monkeypatch.setattr(Training, "_step", step)
    return taken


@pytest.mark.parametrize("stop", range(1, PASSES + 1))
def test_within_an_evaluation_or_the_predictions(job, monkeypatch, stop):
    make(job("undisturbed"))
    taken = steps_taken(monkeypatch)
    with monkeypatch.context() as patch:
        begun = on_pass(patch, lambda number: number == stop and terminate())
        with pytest.raises(Interrupted):
            make(job("stopped"))
    assert begun[-1] == stop  # at once, not at the pass's end and the next step
    begun = on_pass(monkeypatch, lambda number: None)
    trained = make(job("stopped"))["training"]
    best = [one["step"] for one in trained["dev_scores"]].index(trained["best_step"]) + 1
    # An evaluation that was cut is done again, those before it are not, but that of the best
    # weights, whose answers are no part of a checkpoint; no step is taken twice.
    assert len(begun) == PASSES - stop + 1 + (best < stop)
    assert taken == list(range(1, trained["planned_steps"] + 1))
    assert products(job("stopped")) == products(job("undisturbed"))


def test_a_long_run_that_is_killed_while_it_predicts_does_not_train_again(job, monkeypatch):
    make(job("undisturbed"))

    class Killed(BaseException):
        pass

    def kill(number):
        if number == PASSES:
            raise Killed

    with monkeypatch.context() as patch:
        on_pass(patch, kill)
        with pytest.raises(Killed):
            make(job("killed", checkpoint_seconds=0))
    taken = steps_taken(monkeypatch)
    make(job("killed"))
    assert taken == []
    assert products(job("killed")) == products(job("undisturbed"))


def test_a_short_run_writes_no_checkpoint(job, monkeypatch):
    monkeypatch.setattr(checkpoint, "save", lambda *_: pytest.fail("wrote a checkpoint"))
    assert make(job("short"))["status"] == "done"


def test_while_it_publishes_the_run_is_finished(job, monkeypatch):
    make(job("undisturbed"))
    from xstilts.training import target

    original = target.publish_predictions
    monkeypatch.setattr(target, "publish_predictions", lambda *a: (terminate(), original(*a))[1])
    make(job("run"))
    assert products(job("run")) == products(job("undisturbed"))


def test_a_second_signal_while_the_checkpoint_is_written(job, monkeypatch):
    make(job("undisturbed"))
    original = checkpoint.save
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", lambda *a: (terminate(), original(*a)))
        on_pass(patch, lambda number: number == PASSES and terminate())
        with pytest.raises(Interrupted):
            make(job("stopped"))
    make(job("stopped"))
    assert products(job("stopped")) == products(job("undisturbed"))


def test_no_room_for_the_checkpoint_leaves_the_one_before(job, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        on_pass(patch, lambda number: number == 2 and terminate())
        with pytest.raises(Interrupted):
            make(job("stopped"))
        before = checkpoint.load(job("stopped").scratch)[1]["step"]
        on_pass(patch, lambda number: number == 2 and terminate())
        patch.setattr(checkpoint, "save", full)
        with pytest.raises(Interrupted):
            make(job("stopped"))
    assert "since the last checkpoint is lost: [Errno 28]" in capsys.readouterr().err
    assert checkpoint.load(job("stopped").scratch)[1]["step"] == before


def test_a_search_ends_soon_and_starts_anew(workshop, monkeypatch):
    pairs = [
        rows.sentence(
            f"{side[0]}{n}", "de", side, [5 + n, 6, 7], f"t{n}" if side == "source" else ""
        )
        for side in ("source", "target")
        for n in range(5)
    ]
    workshop.prepare("tatoeba", "retrieval", {"test": pairs}, None)
    search = workshop.job("search", "target", [], ["tatoeba"])
    with monkeypatch.context() as patch:
        on_pass(patch, lambda number: terminate())
        with pytest.raises(Interrupted):
            make(search)
    assert not search.folder.exists()
    assert make(search)["status"] == "done"


def test_the_flag_does_not_outlive_the_job(job):
    with pytest.raises(Interrupted), termination.graceful_sigterm():
        terminate()
        termination.raise_if_requested()
    termination.raise_if_requested()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_job_that_waits_for_another_ends_at_once(job):
    waiting = job("waiting")
    waiting.scratch.mkdir(parents=True)
    code = (
        "from pathlib import Path, PosixPath\nfrom xstilts.training.job import Job, making\n"
        f"with making({waiting!r}): pass\n"
    )
    import fcntl

    with (waiting.scratch / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
        )
        assert "waiting for it" in process.stderr.readline()
        process.terminate()
        assert process.wait(timeout=5) == -signal.SIGTERM
        process.stderr.close()
