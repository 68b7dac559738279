"""Receipts are whole or absent, whatever happens in between."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from xstilts.core import StudyError, files, receipts
from xstilts.core.canonical import digest

pytestmark = pytest.mark.fault


def test_published_receipt_is_read_back(tmp_path):
    receipts.publish(tmp_path / "run", {"status": "done", "name": "xnli «ü»"})
    assert receipts.read_receipt(tmp_path / "run") == {"status": "done", "name": "xnli «ü»"}
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["receipt.json"]
    assert (tmp_path / "run" / "receipt.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("old", [None, "old"])
def test_failure_in_between_leaves_the_old_or_nothing(tmp_path, monkeypatch, failing, old):
    path = tmp_path / "receipt.json"
    if old:
        path.write_text(old)

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync", fail) if failing == "fsync" else (Path, "replace", fail)))
    with pytest.raises(KeyboardInterrupt):
        files.write_atomically(path, lambda file: file.write_text("new"))
    assert [item.name for item in tmp_path.iterdir()] == (["receipt.json"] if old else [])
    assert not old or path.read_text() == "old"


def test_kill_in_between_leaves_the_old(tmp_path, root):
    path = tmp_path / "receipt.json"
    path.write_text("old")
    script = (
        "import os, signal\nfrom pathlib import Path\nfrom xstilts.core import files\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"path = Path({str(path)!r})\n"
        "files.write_atomically(path, lambda file: file.write_text('new' * 100000))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")}
    ended = subprocess.run([sys.executable, "-c", script], env=environment)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_unfinished_run_is_named(tmp_path):
    with pytest.raises(StudyError, match="not finished"):
        receipts.read_receipt(tmp_path)


@pytest.mark.parametrize("content", [b"", b'{"status": "do', b"[1]", b"\xff\xfe\x00"])
def test_damaged_receipt_names_the_file_and_the_remedy(tmp_path, content):
    (tmp_path / "receipt.json").write_bytes(content)
    with pytest.raises(StudyError, match=r"receipt\.json .*delete the folder .* and run again"):
        receipts.read_receipt(tmp_path)


def test_verify_compares_bytes(tmp_path):
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    receipt = {"files": {"model.safetensors": hashlib.sha256(b"weights").hexdigest()}}
    receipts.verify(tmp_path, receipt)
    receipts.verify(tmp_path, {})
    weights.write_bytes(b"weightz")
    with pytest.raises(StudyError, match="missing or damaged"):
        receipts.verify(tmp_path, receipt)
    weights.unlink()
    with pytest.raises(StudyError, match="missing or damaged"):
        receipts.verify(tmp_path, receipt)


def test_no_flipped_bit_of_a_receipt_goes_unseen(tmp_path):
    receipts.publish(tmp_path, {"status": "done", "labels": ["yes", "no"], "loss": 0.125})
    path = tmp_path / "receipt.json"
    whole, content = path.read_bytes(), receipts.read_receipt(tmp_path)
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            try:
                found = receipts.read_receipt(tmp_path)
            except receipts.DamagedRun:
                continue
            # Blanks alone changed.
            assert found == content


@pytest.fixture
def run(tmp_path):
    (tmp_path / "weights").write_bytes(b"weights")
    receipts.publish(tmp_path, {"files": {"weights": hashlib.sha256(b"weights").hexdigest()}})
    return tmp_path


def hashed(monkeypatch):
    seen = []
    original = receipts.file_sha256
    monkeypatch.setattr(
        receipts, "file_sha256", lambda path: (seen.append(path), original(path))[1]
    )
    return seen


def test_a_file_is_read_once_until_somebody_writes_to_it(run, monkeypatch):
    seen = hashed(monkeypatch)
    receipt = receipts.read_receipt(run)
    for _ in range(3):
        receipts.verify(run, receipt)
    assert len(seen) == 1
    before = (run / "weights").stat()
    (run / "weights").write_bytes(b"weightz")
    # Neither size nor time of writing tell.
    os.utime(run / "weights", ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(receipts.DamagedRun):
        receipts.verify(run, receipt)


def test_without_memory_a_file_is_read_each_time(run, monkeypatch):
    seen = hashed(monkeypatch)
    for _ in range(2):
        receipts.verify(run, receipts.read_receipt(run), remember=False)
    assert len(seen) == 2


@pytest.mark.parametrize("content", ["", "[]", '{"weights": 1}', "\x00"])
def test_a_damaged_memory_costs_time_alone(run, monkeypatch, content):
    receipts.verify(run, receipts.read_receipt(run))
    (run / receipts.MEMORY).write_text(content)
    seen = hashed(monkeypatch)
    receipts.verify(run, receipts.read_receipt(run))
    assert len(seen) == 1


def test_a_memory_does_not_vouch_for_another_receipt(run):
    receipts.verify(run, receipts.read_receipt(run))
    with pytest.raises(receipts.DamagedRun):
        receipts.verify(run, {"files": {"weights": hashlib.sha256(b"other").hexdigest()}})


def test_a_withdrawn_receipt_is_kept_aside(run):
    assert receipts.withdraw(run)
    assert (run / receipts.WITHDRAWN).is_file()
    with pytest.raises(StudyError, match="not finished"):
        receipts.read_receipt(run)
    # Another reader may have been quicker.
    assert receipts.withdraw(run)


def publish_as(parent: Path, recipe: dict) -> Path:
    """A run whose name comes from its recipe."""
    folder = parent / f"mnli--pos-seed1-{digest(recipe)}"
    receipts.publish(folder, {"recipe": recipe, "files": {}})
    return folder


def test_a_receipt_of_another_run_is_damage(tmp_path):
    one, two = (publish_as(tmp_path, {"seed": seed}) for seed in (1, 2))
    assert receipts.read_receipt(one)["recipe"] == {"seed": 1}
    shutil.copy(one / receipts.NAME, two / receipts.NAME)
    with pytest.raises(receipts.DamagedRun, match="receipt of another run") as caught:
        receipts.read_receipt(two)
    assert caught.value.folder == two
    assert receipts.withdraw(two)
    # The one that was copied is what it was.
    assert receipts.read_receipt(one)["recipe"] == {"seed": 1}


def test_exchanged_folders_are_both_damage_and_named_at_once(tmp_path):
    one, two, three = (publish_as(tmp_path, {"seed": seed}) for seed in (1, 2, 3))
    one.rename(tmp_path / "aside")
    two.rename(one)
    (tmp_path / "aside").rename(two)
    with pytest.raises(receipts.DamagedRun) as caught:
        receipts.read_receipts([one, two, three, one])
    damaged = [caught.value, *caught.value.others]
    assert [error.folder for error in damaged] == [one, two]
    assert list(receipts.read_receipts([three])) == [three]


@pytest.mark.parametrize("content", [{}, {"recipe": None}, {"recipe": {"seed": 1, "epochs": 3}}])
def test_a_run_without_its_own_recipe_is_damage(tmp_path, content):
    folder = tmp_path / f"mnli-seed1-{digest({'seed': 1})}"
    receipts.publish(folder, content)
    with pytest.raises(receipts.DamagedRun):
        receipts.read_receipt(folder)


def test_a_recipe_that_was_read_back_has_its_digest(tmp_path):
    """Integral floats, letters beyond ASCII and nested lists survive the way through JSON."""
    recipe = {"rate": 2e-5, "epochs": 3.0, "splits": {"test": [{"config": "日本語"}]}, "cap": None}
    assert receipts.read_receipt(publish_as(tmp_path, recipe))["recipe"] == recipe


def test_a_relative_folder_is_compared_too(tmp_path, monkeypatch):
    one, two = (publish_as(tmp_path, {"seed": seed}) for seed in (1, 2))
    shutil.copy(one / receipts.NAME, two / receipts.NAME)
    monkeypatch.chdir(two)
    with pytest.raises(receipts.DamagedRun):
        receipts.read_receipt(Path())
