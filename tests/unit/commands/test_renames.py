"""Which stages an edit renames, shown on copies of the code."""

import shutil
import subprocess

import pytest

from xstilts.commands.renames import Variant, read_code, read_revision, renamed, users_of
from xstilts.core.errors import StudyError
from xstilts.plan.code import ROOT


@pytest.fixture(scope="module")
def now():
    return read_code()


@pytest.fixture
def copy(tmp_path):
    """A copy of the packages, and a way to edit it."""
    root = tmp_path / "scripts"
    skip = shutil.ignore_patterns("__pycache__", "*.yaml")
    shutil.copytree(ROOT, root, ignore=skip)

    def edit(file, old, new):
        path = root / "xstilts" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return read_code(root)

    edit.root = root
    return edit


def stages(found):
    return {variant.stage for variant in found}


def test_an_unedited_copy_renames_nothing(now, copy):
    assert renamed(now, read_code(copy.root)) == {}


def test_a_message_and_a_comment_rename_nothing(now, copy):
    after = copy("core/errors.py", "did you mean", "perhaps")
    assert renamed(now, after) == {}
    after = copy("training/optimiser.py", "\n\n\n", "\n# A remark.\n\n\n")
    assert renamed(now, after) == {}


def test_an_edited_kind_renames_its_own_runs_alone(now, copy):
    after = copy("kinds/span_qa.py", "NO_ANSWER_SHARE =", "NO_ANSWER_SHARE = 7 +")
    found = renamed(now, after)
    assert "xstilts.kinds.span_qa:NO_ANSWER_SHARE" in found[Variant("target", "kinds", "span_qa")]
    assert {variant.name for variant in found if variant.stage == "target"} == {"span_qa"}
    assert stages(found) <= stages(users_of(ROOT / "xstilts" / "kinds" / "span_qa.py", now))


def test_users_of_a_file_by_definition(now):
    found = users_of(ROOT / "xstilts" / "core" / "draws.py", now)
    assert "derived_seed" in found[Variant("target")]
    assert users_of(ROOT / "xstilts" / "core" / "errors.py", now) == {}
    assert users_of(ROOT.parents[1] / "README.md", now) == {}


def test_a_template_makes_the_page_anew_and_no_run(now):
    assert "report" in stages(users_of(ROOT / "xstilts" / "report" / "page.css", now))
    assert "target" not in stages(users_of(ROOT / "xstilts" / "report" / "page.css", now))


def test_a_file_that_is_not_there(now, tmp_path):
    with pytest.raises(StudyError, match=r"there is no file '.*lost\.py'"):
        users_of(tmp_path / "lost.py", now)


def test_a_commit_is_compared_with_the_working_tree(now, copy, tmp_path):
    repository = tmp_path / "repository"
    (repository / "workflow").mkdir(parents=True)
    shutil.move(copy.root, repository / "workflow" / "scripts")
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    before, same = read_revision("HEAD", repository)
    assert same
    assert renamed(before, now) == {}
    with pytest.raises(StudyError, match="git cannot give workflow/scripts at 'no-such'"):
        read_revision("no-such", repository)
