"""Whatever is killed, the next plain call of snakemake ends with the tables of an undisturbed run.

Faults strike real processes; where, is said by tests/helpers/faulty/sitecustomize.py.
"""

import os
import shutil
import signal

import pytest

from helpers.faulty_study import STUDY, kill_all, wait_for, wait_for_line

pytestmark = pytest.mark.fault

POS = "runs/target/none--pos-*"
CCG = "runs/intermediate/ccg-*"
ROW = ("runs/target/ccg--pos-*", "runs/target/ccg--tatoeba-*")
CHECKPOINT = "*/none--pos-*/checkpoint.safetensors"
STEPS = STUDY["limits"]["train"] // STUDY["training"]["batch_examples"]
# After every step, after every evaluation, and at the end of training.
CHECKPOINTS = STEPS + STUDY["training"]["evaluations"] + 1


KILLS = {
    "before the first checkpoint": {"pattern": CHECKPOINT},
    "between two checkpoints": {"pattern": CHECKPOINT, "nth": 3, "when": "after"},
    "while it predicts": {"pattern": CHECKPOINT, "nth": CHECKPOINTS, "when": "after"},
    "before predictions have their name": {"pattern": "*/none--pos-*/predictions.parquet"},
    "with predictions but no receipt": {"pattern": "*/none--pos-*/receipt.json"},
    "right after the receipt": {"pattern": "*/none--pos-*/receipt.json", "when": "after"},
}


@pytest.fixture(params=["preloaded", "imports in each job"])
def place(request, place):
    """The place in both ways of starting jobs; the tables are those of the first."""
    return place if request.param == "preloaded" else place.import_in_each_job()


def test_how_jobs_start_changes_no_number(undisturbed, tmp_path):
    """The undisturbed run's jobs were forked; that forked ones repeat themselves is in
    test_end_to_end.py.
    """
    place = undisturbed.copy(tmp_path / "copy").import_in_each_job()
    for folder in ("runs/target", "runs/intermediate", "data", "activations"):
        shutil.rmtree(place.folder / "results" / folder)
    place.forget()
    place.heal_as(undisturbed)
    for folder in (place.folder, undisturbed.folder):
        logs = [log.read_text() for log in (folder / "logs").rglob("*.log")]
        assert logs
        assert not any("imports its libraries itself" in log for log in logs)


def test_killed_preloaded_parent(undisturbed, tmp_path):
    """Its children die with it; their clients do the work, and the next job has a new parent."""
    place = undisturbed.copy(tmp_path / "copy")
    place.forget(POS)
    fault = {"what": "kill the parent", "pattern": CHECKPOINT, "nth": 2, "when": "after"}
    status, said = place.attempt(fault=fault)
    assert (place.folder / "struck").exists(), said
    assert status == 0, said
    (log,) = (place.folder / "logs" / "target").glob("none--pos-*.log")
    assert "the preloaded Python has ended" in log.read_text()
    assert place.digests() == undisturbed.digests()


@pytest.mark.parametrize("point", KILLS)
def test_killed_training(place, undisturbed, point):
    place.forget(POS)
    status, said = place.attempt(fault={"what": "kill", **KILLS[point]})
    assert (place.folder / "struck").exists(), said
    assert status != 0
    assert not (place.tables / "scores.parquet").exists()
    before = place.receipt_times()
    place.heal_as(undisturbed)
    assert all(place.receipt_times()[run] == when for run, when in before.items())
    assert not list((place.folder / "results").rglob(".*.part"))


def test_terminated_training(place, undisturbed):
    place.forget(POS)
    fault = {"what": "terminate", "pattern": CHECKPOINT, "nth": 2, "when": "after"}
    status, said = place.attempt(fault=fault)
    assert status != 0
    assert "finetune_target: told to end (SIGTERM); the next call goes on" in said
    assert "Traceback" not in said
    place.heal_as(undisturbed)


def test_intermediate_killed_with_weights_but_no_receipt(place, undisturbed):
    place.forget(CCG, *ROW)
    status, said = place.attempt(
        fault={"what": "kill", "pattern": "*/ccg-*/encoder.safetensors", "when": "after"}
    )
    assert status != 0, said
    assert not (place.tables / "scores.parquet").exists()
    place.heal_as(undisturbed)


POINTS = {
    "predictions": "*/none--pos-*/predictions.parquet",
    "receipt": "*/none--pos-*/receipt.json",
    "data": "*/data/pos-*/dev.arrow",
}


def until(place, pattern):
    """Start snakemake and stop one of its processes where it publishes what `pattern` names."""
    process = place.start(fault={"what": "wait", "pattern": pattern})
    wait_for(place.folder / "struck")
    return process


def kill_snakemake_alone(process):
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_all_killed_at_once(place, undisturbed, how):
    place.forget(POS, "data/pos-*", "activations/pos-*")
    process = until(place, POINTS["predictions" if how == signal.SIGKILL else "data"])
    os.killpg(process.pid, how)
    kill_all(process)
    assert "its lock is removed, and its work goes on" in place.heal_as(undisturbed)


@pytest.mark.parametrize("point", POINTS)
def test_an_orphan_goes_on_and_its_successor_waits(place, undisturbed, point):
    """At `receipt` the successor's Snakemake removes the predictions that the orphan published."""
    place.forget(POS, *(["data/pos-*"] if point == "data" else []))
    orphan = until(place, POINTS[point])
    kill_snakemake_alone(orphan)
    successor = place.start()
    said = wait_for_line(successor, "waiting for it")
    assert "its lock is removed, and its work goes on" in said
    (place.folder / "struck").unlink()
    said += successor.communicate(timeout=600)[0]
    kill_all(orphan)
    assert successor.returncode == 0, said
    assert place.digests() == undisturbed.digests()


def test_an_orphan_does_not_overwrite_the_table_of_its_successor(place, undisturbed):
    place.forget()
    orphan = until(place, "*/scores.parquet")
    kill_snakemake_alone(orphan)
    successor = place.start()
    wait_for_line(successor, "waiting for it")
    (place.folder / "struck").unlink()
    said = successor.communicate(timeout=600)[0]
    assert successor.returncode == 0, said
    kill_all(orphan)
    assert place.digests() == undisturbed.digests()


def test_two_at_once(place, undisturbed):
    place.forget(POS)
    first = until(place, POINTS["predictions"])
    status, said = place.attempt()
    assert status != 0
    assert "Directory cannot be locked" in said
    # The second has not taken the lock away from the first.
    assert list((place.folder / ".snakemake" / "locks").iterdir())
    (place.folder / "struck").unlink()
    said = first.communicate(timeout=600)[0]
    assert first.returncode == 0, said
    assert place.digests() == undisturbed.digests()
