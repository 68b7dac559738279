"""Receipts are whole or absent, whatever happens in between."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from xstilts.study import StudyError, files, receipts


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
        "import os, signal\nfrom pathlib import Path\nfrom xstilts.study import files\n"
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
