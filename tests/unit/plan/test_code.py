"""The digest of code: what must and what must not change it, on packages of a few lines."""

from pathlib import Path

import pytest

from xstilts.plan.code import ROOT, code_digest, users_of
from xstilts.plan.stage_code import STAGE_CODE

PACKAGE = {
    "__init__.py": "",
    "train.py": "from xstilts.maths import half\n\n\ndef run(x):\n    return half(x) + 1\n",
    "maths/__init__.py": "from .parts import divide\n\n\ndef half(x):\n    return divide(x, 2)\n",
    "maths/parts.py": "from ..signs import sign\n\n\ndef divide(a, b):\n    return sign(a) / b\n",
    "signs.py": "def sign(a):\n    return 1\n",
    "other.py": "x = 1\n",
}


@pytest.fixture
def package(tmp_path: Path):
    """`package(**edits)`: a fresh copy of PACKAGE with files replaced (None: removed)."""
    made = iter(range(100))

    def make(edits: dict[str, str] | None = None) -> Path:
        folder = tmp_path / str(next(made))
        for name, text in {**PACKAGE, **(edits or {})}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return make


def test_reaches_helpers_of_helpers_by_absolute_and_relative_imports(package):
    assert set(users_of("xstilts.train", package())) == {
        "xstilts", "xstilts.train", "xstilts.maths", "xstilts.maths.parts", "xstilts.signs",
    }  # fmt: skip


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({}, id="another folder"),
        pytest.param({"signs.py": "# why\n" + PACKAGE["signs.py"]}, id="comment"),
        pytest.param({"signs.py": '"""Signs."""\n\n' + PACKAGE["signs.py"]}, id="module docstring"),
        pytest.param(
            {"signs.py": 'def sign(a):\n    """The sign."""\n    return 1\n'}, id="docstring"
        ),
        pytest.param({"signs.py": "\n\n\n" + PACKAGE["signs.py"] + "\n\n"}, id="blank lines"),
        pytest.param(
            {"signs.py": "def sign(\n    a,\n):\n    return (\n        1\n    )\n"}, id="lines"
        ),
        pytest.param({"other.py": "x = 2\n"}, id="a module that is not imported"),
    ],
)
def test_what_cannot_change_a_number_keeps_the_digest(package, edit):
    assert code_digest("xstilts.train", package(edit)) == code_digest("xstilts.train", package())


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"train.py": PACKAGE["train.py"].replace("+ 1", "- 1")}, id="operator"),
        pytest.param({"signs.py": "def sign(a):\n    return -1\n"}, id="helper of a helper"),
        pytest.param({"maths/__init__.py": PACKAGE["maths/__init__.py"].replace("2", "3")}, id="2"),
        pytest.param({"__init__.py": "import os\n"}, id="package that runs on import"),
        pytest.param({"train.py": PACKAGE["train.py"] + "\n\nimport xstilts.other\n"}, id="import"),
    ],
)
def test_what_can_change_a_number_changes_the_digest(package, edit):
    assert code_digest("xstilts.train", package(edit)) != code_digest("xstilts.train", package())


def test_an_edit_in_place_is_seen_by_the_same_process(package):
    folder = package()
    before = code_digest("xstilts.train", folder)
    (folder / "signs.py").write_text("def sign(a):\n    return 12345\n")
    assert code_digest("xstilts.train", folder) != before


def test_imports_inside_functions_count(package):
    lazy = "def run(x):\n    from xstilts.other import x as y\n\n    return y\n"
    folder = package({"train.py": lazy})
    assert "xstilts.other" in users_of("xstilts.train", folder)


def test_modules_imported_by_a_made_up_name_count(package):
    dynamic = (
        "from importlib import import_module\n\n\n"
        'def run(name):\n    return import_module(f"xstilts.maths.{name}")\n'
    )
    assert "xstilts.maths.parts" in users_of("xstilts.train", package({"train.py": dynamic}))


def test_templates_beside_the_module_count(package):
    plain, one, other = (
        package({"page.css": text} if text else {}) for text in (None, "a {}", "b {}")
    )
    digests = {code_digest("xstilts.train", folder) for folder in (plain, one, other)}
    assert len(digests) == 3
    assert code_digest("xstilts.maths", plain) == code_digest("xstilts.maths", one)


def test_a_package_can_be_left_out(package):
    folder = package()
    left = users_of("xstilts.train", folder, without=("xstilts.maths",))
    assert set(left) == {"xstilts", "xstilts.train"}
    # A name that only begins alike is another package.
    assert (
        users_of("xstilts.train", folder, without=("xstilts.sign",)).keys()
        == users_of("xstilts.train", folder).keys()
    )


@pytest.mark.parametrize("stage", STAGE_CODE)
def test_every_stage_names_a_module_that_is_there(stage):
    assert STAGE_CODE[stage] in users_of(STAGE_CODE[stage])


@pytest.mark.parametrize("stage", ["intermediate", "target"])
def test_training_counts_every_kind_of_task(stage):
    kinds = {path.stem for path in (ROOT / "kinds").glob("[a-z]*.py")}
    reached = users_of(STAGE_CODE[stage])
    assert {f"xstilts.kinds.{kind}" for kind in kinds} <= set(reached)


def test_the_demo_grammar_counts_for_the_demo_alone():
    with_grammar = users_of(STAGE_CODE["data"])
    without = users_of(STAGE_CODE["data"], without=("generated_text",))
    assert (
        set(with_grammar) - set(without)
        == {name for name in with_grammar if name.startswith("generated_text")}
        != set()
    )
