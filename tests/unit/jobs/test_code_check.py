"""A run is published only under the code that made it."""

import json
import shutil
from pathlib import Path

import pytest

from xstilts.core import StudyError, receipts
from xstilts.jobs import code_check
from xstilts.plan import code
from xstilts.plan.code import Reached, edited

pytestmark = pytest.mark.fault

ENTRY = ["xstilts.training.target"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the packages."""
    folder = tmp_path / "scripts"
    shutil.copytree(code.ROOT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def memory(tmp_path, checkout) -> Path:
    """What a study knows of its code when it starts."""
    reached = Reached(ENTRY, {"xstilts.kinds": ["tagging"]}, checkout)
    path = tmp_path / "code.json"
    path.write_text(json.dumps({reached.digest: reached.definitions}))
    return path


def edit(checkout: Path, module: str, old: str, new: str) -> None:
    file = checkout / module
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_code_as_it_was_is_let_pass(checkout, memory):
    definitions = next(iter(json.loads(memory.read_text()).values()))
    assert edited(definitions, checkout) == []


@pytest.mark.parametrize(
    ("module", "old", "new", "said"),
    [
        ("xstilts/training/optimiser.py", "0.999", "0.99", ["xstilts.training.optimiser"]),
        ("xstilts/kinds/tagging.py", "IGNORED = -100", "IGNORED = -1", ["xstilts.kinds.tagging"]),
        # Of another kind, of a room that decides nothing, and a comment.
        ("xstilts/kinds/span_qa.py", "IMPOSSIBLE = -1e4", "IMPOSSIBLE = -1e3", []),
        ("xstilts/core/errors.py", "did you mean", "is it", []),
        ("xstilts/training/loop.py", "import", "# why\nimport", []),
    ],
)
def test_edits_that_count_are_named(checkout, memory, module, old, new, said):
    definitions = next(iter(json.loads(memory.read_text()).values()))
    edit(checkout, module, old, new)
    assert edited(definitions, checkout) == said


def test_nothing_is_published_under_code_that_was_edited(tmp_path, memory, monkeypatch):
    digest, definitions = next(iter(json.loads(memory.read_text()).items()))
    definitions = {**definitions, "xstilts.training.loop:Training.run": "other"}
    memory.write_text(json.dumps({digest: definitions}))
    check = lambda recipe: code_check.check_code(recipe, memory)  # noqa: E731
    monkeypatch.setattr(receipts, "CONDITIONS", [check])
    with pytest.raises(StudyError, match=r"edited while the study ran .xstilts.training.loop."):
        receipts.publish(tmp_path, {"recipe": {"code": digest}})
    assert not (tmp_path / receipts.NAME).exists()
    receipts.publish(tmp_path, {"recipe": {"code": "another"}})
    assert (tmp_path / receipts.NAME).exists()
