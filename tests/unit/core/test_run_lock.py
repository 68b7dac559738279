"""A run is made by one process, and taken over only where it is whole."""

import hashlib
import json

import pytest

from xstilts.core.receipts import publish
from xstilts.core.run_lock import making

pytestmark = pytest.mark.fault

CONTENT = b"weights"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Folder of a finished run with one file."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "runs" / "mnli-1"
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(CONTENT)
    publish(folder, {"files": {"weights": hashlib.sha256(CONTENT).hexdigest()}})
    return folder


def test_a_whole_run_is_taken_as_it_is(run, tmp_path):
    with making(run) as must_run:
        assert not must_run
        assert (tmp_path / "results" / "scratch" / "mnli-1" / "lock").exists()
    assert list((tmp_path / "results" / "scratch").iterdir()) == []
    assert json.loads((run / "receipt.json").read_text())["files"]


@pytest.mark.parametrize("name", ["weights", "receipt.json"])
@pytest.mark.parametrize("damage", [None, b"", b"{}", b"weightz"])
def test_a_run_that_is_not_whole_is_made_again(run, name, damage):
    path = run / name
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    with making(run) as must_run:
        assert must_run


def test_a_failure_keeps_what_was_saved(run, tmp_path):
    (run / "receipt.json").unlink()
    scratch = tmp_path / "scratch"
    with pytest.raises(ZeroDivisionError), making(run, scratch):
        (scratch / "checkpoint").touch()
        raise ZeroDivisionError
    assert (scratch / "checkpoint").exists()
    with making(run, scratch):
        pass
    assert not scratch.exists()


def test_leftovers_of_the_killed_are_swept_away(run):
    (run / ".weights.1234.part").touch()
    with making(run):
        assert sorted(path.name for path in run.glob("*")) == [
            ".verified.json",
            "receipt.json",
            "weights",
        ]
