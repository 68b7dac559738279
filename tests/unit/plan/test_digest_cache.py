"""Digests that are kept are those of the code as it is: whatever file changes, they go."""

import json
import sys
from pathlib import Path

import pytest

from xstilts.plan import digest_cache
from xstilts.plan.code import Reached, code_digest
from xstilts.plan.digest_cache import DigestCache
from xstilts.plan.stage_code import STAGE_CODE, StageCode


@pytest.fixture
def package(tmp_path) -> Path:
    folder = tmp_path / "package"
    (folder / "room").mkdir(parents=True)
    for name in ("a.py", "room/b.py", "room/page.html.jinja", "room/notes.md"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "cache" / "digests.json"


def kept(package: Path, file: Path, value: object) -> object:
    """What a process that would compute `value` gets."""
    cache = DigestCache(package, file)
    got = cache.get("stage", lambda: value)
    cache.save()
    return got


def test_the_next_process_computes_nothing(package, file):
    assert kept(package, file, ["digest", {"a": "b"}]) == ["digest", {"a": "b"}]
    assert kept(package, file, "another") == ["digest", {"a": "b"}]
    assert DigestCache(package, file).get("other key", lambda: "computed") == "computed"


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: (folder / "room" / "b.py").write_text("room/c.py"),
        lambda folder: (folder / "room" / "b.py").unlink(),
        lambda folder: (folder / "room" / "b.py").rename(folder / "b.py"),
        lambda folder: (folder / "room" / "new.py").touch(),
        lambda folder: (folder / "room" / "page.html.jinja").write_text("edited"),
    ],
    ids=["edited", "gone", "moved", "new", "template"],
)
def test_after_any_edit_all_is_computed_again(package, file, edit):
    kept(package, file, "before")
    edit(package)
    assert kept(package, file, "after") == "after"
    assert kept(package, file, "later") == "after"


def test_an_edit_while_it_computes_is_kept_under_neither_code(package, file):
    cache, code = DigestCache(package, file), (package / "a.py").read_text()
    cache.get("stage", lambda: (package / "a.py").write_text("edited"))
    cache.save()
    assert not file.exists()
    (package / "a.py").write_text(code)
    assert kept(package, file, "of this code") == "of this code"


def test_what_is_no_code_is_no_edit(package, file):
    kept(package, file, "before")
    (package / "room" / "notes.md").write_text("edited")
    (package / "room" / "b.py").touch()
    assert kept(package, file, "after") == "before"


@pytest.mark.parametrize("content", ["", "broken", "[]", "{}", '{"code": 1}'])
def test_a_damaged_file_costs_only_time(package, file, content):
    kept(package, file, "before")
    file.write_text(content)
    assert kept(package, file, "after") == "after"


def test_a_file_of_the_same_code_without_values(package, file):
    kept(package, file, "before")
    file.write_text(json.dumps({"code": DigestCache(package, file).code, "values": 3}))
    assert kept(package, file, "after") == "after"


def test_a_folder_that_cannot_be_written_costs_only_time(package, tmp_path):
    (tmp_path / "taken").write_text("no folder")
    assert kept(package, tmp_path / "taken" / "digests.json", "digest") == "digest"


def test_nothing_is_kept_where_python_keeps_nothing(package, file, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept(package, file, "before") == "before"
    assert not file.exists()


def test_each_python_has_a_file_of_its_own():
    assert sys.implementation.cache_tag in digest_cache.FILE.name


def test_digests_are_the_same_from_the_cache(tmp_path, file, monkeypatch):
    monkeypatch.setattr(digest_cache, "FILE", file)
    for _ in range(2):
        code = StageCode("tracked", tmp_path)
        reached = Reached([STAGE_CODE["scores"]], {"xstilts.evaluation.metrics": ["accuracy"]})
        assert code.of("scores", metrics=["accuracy"]) == reached.digest
        assert code.definitions == {reached.digest: reached.definitions}
        assert code.table("tables") == code_digest([STAGE_CODE["tables"]])
        code.cache.save()
    assert set(json.loads(file.read_text())["values"]) == {
        "scores metrics=accuracy",
        "table tables",
    }
