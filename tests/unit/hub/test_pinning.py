"""Commits that the Hub gives are kept in the lock; nothing else is."""

import pytest
import yaml

from helpers.hub_server import CONVERTED, commit_of
from xstilts.commands.pinning import pin
from xstilts.core.errors import StudyError
from xstilts.core.paths import UNPINNED
from xstilts.plan.revisions import LOCK, Revisions, pin_command, read_lock, write_lock

WANTED = {"datasets": ["a/one", "b/two"], "models": ["c/three"]}


@pytest.fixture
def filled(fake):
    fake.add_dataset("a/one", {"README.md": b"", "x/train-0.parquet": b""})
    fake.add_dataset("b/two", {"two.py": b""})
    fake.add_dataset("b/two", {"x/train/0000.parquet": b""}, CONVERTED)
    fake.add_model("c/three", {"config.json": b"{}", "model.safetensors": b""})
    return fake


def test_newest_commits_are_kept(filled, tmp_path):
    lock = tmp_path / "config" / "lock.yaml"
    told = pin(WANTED, lock, filled.url)
    assert told[-1] == f"3 pinned, 0 were pinned before: {lock}"
    assert yaml.safe_load(lock.read_text()) == {
        "datasets": {"a/one": commit_of("a/one"), "b/two": commit_of("b/two", CONVERTED)},
        "models": {"c/three": commit_of("c/three")},
    }
    # One request each, and a second for the one that has no Parquet of its own.
    assert len(filled.requests) == 4


def test_pins_stay_until_their_line_is_deleted(filled, tmp_path):
    lock = tmp_path / "lock.yaml"
    other = Revisions({"a/one": "1" * 40, "z/other": "2" * 40}, {})
    write_lock(other, lock)
    assert pin(WANTED, lock, filled.url)[-1].startswith("2 pinned, 1 were pinned before")
    found = read_lock(lock)
    assert found.datasets == other.datasets | {"b/two": commit_of("b/two", CONVERTED)}
    assert not any("a/one" in request for request in filled.requests)


def test_what_was_pinned_before_a_fault_is_kept(filled, tmp_path):
    lock = tmp_path / "lock.yaml"
    filled.status["b/two"] = (404, "RepoNotFound")
    with pytest.raises(StudyError, match="does not show the data set b/two"):
        pin(WANTED, lock, filled.url)
    assert read_lock(lock).datasets == {"a/one": commit_of("a/one")}


def test_nothing_to_pin_and_nothing_to_read(filled, tmp_path):
    with pytest.raises(StudyError, match="nothing to pin"):
        pin({"datasets": [], "models": []}, tmp_path / "lock.yaml", filled.url)
    filled.add_model("c/bin", {"config.json": b"{}", "pytorch_model.bin": b""})
    with pytest.raises(StudyError, match=r"c/bin has no \.safetensors files"):
        pin({"models": ["c/bin"]}, tmp_path / "lock.yaml", filled.url)


@pytest.mark.parametrize("revision", ["main", "v1.0", "abc123", "A" * 40, 7])
def test_what_is_no_commit_is_refused(tmp_path, revision):
    lock = tmp_path / "lock.yaml"
    lock.write_text(yaml.safe_dump({"datasets": {"a/one": revision}}))
    with pytest.raises(StudyError, match=r"a/one is pinned to .* which is no commit"):
        read_lock(lock)


@pytest.mark.parametrize("content", ["[1]", "datasets: [a]", "data: {}", "{"])
def test_damaged_lock(tmp_path, content):
    lock = tmp_path / "lock.yaml"
    lock.write_text(content)
    with pytest.raises(StudyError, match=r"lock\.yaml is not"):
        read_lock(lock)


def test_without_a_lock_all_is_unpinned(tmp_path):
    found = read_lock(tmp_path / "none.yaml")
    assert found.of("models", "c/three") == UNPINNED
    sentence = pin_command(found.unpinned(WANTED), "config/xtreme.yaml")
    assert sentence.startswith("no revision is pinned for a/one, b/two, c/three, so")
    assert "run `snakemake pin --configfile config/xtreme.yaml` once" in sentence
    assert pin_command(found.unpinned({}), "x") is None
    assert str(LOCK) == "config/revisions.lock.yaml"


def test_no_commit_stands_in_the_project(root):
    """Revisions are looked up by whoever runs the study, never written from memory."""
    import re

    for path in [*(root / "config").glob("*.yaml"), *(root / "resources").rglob("*.yaml")]:
        if path.name != LOCK.name:
            assert not re.search(r"\b[0-9a-f]{40}\b", path.read_text()), path
