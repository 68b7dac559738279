"""Files that were damaged on the disk: no number is made of them, and the next call heals them."""

import shutil
import subprocess
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.fault

POS = "runs/target/none--pos-*"
CCG = "runs/intermediate/ccg-*"
CCG_POS = "runs/target/ccg--pos-*"
DATA = "data/pos-*"
ACTIVATIONS = "activations/pos-*"
ENCODER = "runs/encoder/two-layers-*"


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 8]) + data[middle + 1 :]


def halve(data: bytes) -> bytes:
    return data[: len(data) // 2]


def empty(data: bytes) -> bytes:
    return b""


# What is damaged and how; what is made anew next, so that somebody reads it.
DAMAGE = {
    "a bit of predictions": (POS, "predictions.parquet", flip, []),
    "predictions cut short": (POS, "predictions.parquet", halve, []),
    "a bit of weights": (CCG, "encoder.safetensors", flip, [CCG_POS]),
    "no weights": (CCG, "encoder.safetensors", None, [CCG_POS]),
    "a bit of the data": (DATA, "train.arrow", flip, [POS]),
    "activations cut short": (ACTIVATIONS, "test.npy", halve, [POS]),
    "a bit of the encoder": (ENCODER, "model.safetensors", flip, [POS]),
    "an empty receipt": (POS, "receipt.json", empty, []),
    "a bit of a receipt": (DATA, "receipt.json", flip, [POS]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_withdrawn_and_healed(place, undisturbed, damage):
    owner, name, how, forgotten = DAMAGE[damage]
    place.forget(*forgotten)
    before = place.receipt_times()
    folder = place.run_folder(owner)
    path = folder / name
    content = path.read_bytes()
    path.unlink()  # perhaps a link to the undisturbed file
    if how:
        path.write_bytes(how(content))
    status, said = place.attempt()
    assert status != 0
    assert "Traceback" not in said
    relative = folder.relative_to(place.folder)
    assert "the run has been withdrawn, and the next call of snakemake makes" in said
    assert f"{relative} anew" in said
    assert not (place.tables / "scores.parquet").exists()
    place.heal_as(undisturbed)
    after = place.receipt_times()
    made = {run for run in after if after[run] != before.get(run)}
    assert made == {relative} | {place.run_folder(p).relative_to(place.folder) for p in forgotten}


def test_a_damaged_checkpoint_is_not_gone_on_from(place, undisturbed):
    place.forget(POS)
    fault = {"what": "kill", "pattern": "*/none--pos-*/checkpoint.safetensors", "nth": 3}
    assert place.attempt(fault=fault)[0] != 0
    path = next(place.folder.glob("results/scratch/none--pos-*/checkpoint.safetensors"))
    path.write_bytes(flip(path.read_bytes()))
    place.heal()
    log = next(place.folder.glob("logs/target/none--pos-*.log")).read_text()
    assert "is damaged" in log
    assert "starting this run anew" in log
    assert place.digests() == undisturbed.digests()


# No room, or none to write to


@contextmanager
def mounted(folder, options):
    """A file system of its own at `folder`."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        made = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("no file system can be mounted here (needs root)")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kilobytes", [20, 1500])
def test_full_disk(place, undisturbed, kilobytes):
    """Too little for the predictions, then for a checkpoint."""
    place.forget(POS)
    scratch = place.folder / "results" / ("studies" if kilobytes < 100 else "scratch")
    scratch.mkdir(exist_ok=True)
    with mounted(scratch, "size=4k" if kilobytes < 100 else f"size={kilobytes}k"):
        status, said = place.attempt()
        assert status != 0
        assert "cannot be written (No space left on device)" in said
        assert "Traceback" not in said
    place.heal_as(undisturbed)


def test_read_only_results(place, undisturbed):
    place.forget(POS)
    results = place.folder / "results"
    before = place.receipt_times()
    with mounted(results, "size=8m"):
        # As a bind mount, so that only writing fails.
        subprocess.run(["umount", str(results)], check=True)
        subprocess.run(["mount", "--bind", str(results), str(results)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(results)], check=True)
        status, said = place.attempt()
        assert status != 0
        assert "Read-only file system" in said
    assert place.receipt_times() == before
    place.heal_as(undisturbed)


def test_copies_stay_whole(undisturbed):
    """That no test above wrote into the undisturbed run."""
    assert "Nothing to be done" in undisturbed.heal()
    assert shutil.disk_usage(undisturbed.folder).free > 0
