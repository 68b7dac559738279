"""The digest of code: what must and what must not change it, on packages of a few lines."""

from pathlib import Path

import pytest

from xstilts.plan.code import Reached, code_digest
from xstilts.plan.stage_code import OBJECTS, STAGE_CODE

PACKAGE = {
    "__init__.py": "",
    "train.py": "from xstilts.maths import half\n\n\ndef run(x):\n    return half(x) + 1\n",
    "maths/__init__.py": "from .parts import divide\n\n\ndef half(x):\n    return divide(x, 2)\n",
    "maths/parts.py": (
        "import numpy as np\n\nfrom ..signs import sign\n\n\n"
        "def divide(a, b):\n    return np.add(sign(a), 0) / b\n\n\ndef unused(a):\n    return a\n"
    ),
    "signs.py": "def sign(a):\n    return 1\n",
    "other.py": "x = 1\n",
    "kinds/__init__.py": "",
    "kinds/pair.py": "def loss(x):\n    return x\n",
    "kinds/tags.py": "def loss(x):\n    return -x\n\n\ndef text(x):\n    return x\n",
    "core/__init__.py": "",
    "core/files.py": "def read(x):\n    return x\n",
}
RUN = ["xstilts.train:run"]
NUMPY = PACKAGE["maths/parts.py"].replace(" as np", "").replace("np.", "numpy.")


@pytest.fixture
def package(tmp_path: Path):
    """`package(edits)`: a fresh copy of PACKAGE with files replaced (None: removed)."""
    made = iter(range(100))

    def make(edits: dict[str, str | None] | None = None) -> Path:
        folder = tmp_path / str(next(made))
        for name, text in {**PACKAGE, **(edits or {})}.items():
            if text is not None:
                (folder / "xstilts" / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / "xstilts" / name).write_text(text)
        return folder

    return make


def digest_of(root: Path, entries=RUN, **objects) -> str:
    return code_digest(entries, {f"xstilts.{key}": names for key, names in objects.items()}, root)


def test_definitions_are_reached_through_absolute_and_relative_imports(package):
    assert set(Reached(RUN, {}, package()).units) == {
        ("xstilts.train", "run"), ("xstilts.maths", "half"),
        ("xstilts.maths.parts", "divide"), ("xstilts.signs", "sign"),
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
        pytest.param(
            {"signs.py": "def sign(\n    a,\n):\n    return (\n        1\n    )\n"}, id="lines"
        ),
        pytest.param({"signs.py": "def sign(a: int) -> int:\n    return 1\n"}, id="types"),
        pytest.param({"other.py": "x = 2\n"}, id="a module that is not imported"),
        pytest.param(
            {"maths/parts.py": PACKAGE["maths/parts.py"].replace("return a\n", "return 7\n")},
            id="a definition that is not reached",
        ),
        pytest.param(
            {
                "maths/parts.py": PACKAGE["maths/parts.py"].replace("..signs", "..moved"),
                "signs.py": None,
                "moved.py": PACKAGE["signs.py"],
            },
            id="a pure move",
        ),
        pytest.param(
            {
                "maths/__init__.py": "from .split import divide\nfrom .parts import unused\n\n\n"
                "def half(x):\n    return divide(x, 2)\n",
                "maths/split.py": PACKAGE["maths/parts.py"].partition("\n\n\ndef unused")[0],
                "maths/parts.py": "def unused(a):\n    return a\n",
            },
            id="a split",
        ),
        pytest.param(
            {
                "maths/parts.py": PACKAGE["maths/parts.py"].replace("sign", "sgn").replace(
                    "..sgns import sgn", "..signs import sgn"
                ),
                "signs.py": "def sgn(a):\n    return 1\n",
            },
            id="a renamed function",
        ),
        pytest.param(
            {"maths/parts.py": NUMPY},
            id="another alias of a library",
        ),
        pytest.param(
            {"train.py": 'import logging\n\nLOG = logging.getLogger("x")\n' + PACKAGE["train.py"]},
            id="a logger",
        ),
    ],
)  # fmt: skip
def test_what_cannot_change_a_number_keeps_the_digest(package, edit):
    assert digest_of(package(edit)) == digest_of(package())


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"train.py": PACKAGE["train.py"].replace("+ 1", "- 1")}, id="operator"),
        pytest.param({"signs.py": "def sign(a):\n    return -1\n"}, id="helper of a helper"),
        pytest.param({"signs.py": "def sign(a):\n    return 1.0\n"}, id="1.0 is not 1"),
        pytest.param({"maths/__init__.py": PACKAGE["maths/__init__.py"].replace("2", "3")}, id="2"),
        pytest.param({"signs.py": "def sign(a=2):\n    return 1\n"}, id="default"),
        pytest.param(
            {"__init__.py": "import os\n\nos.environ['X'] = '1'\n"}, id="package that acts"
        ),
        pytest.param(
            {"maths/parts.py": PACKAGE["maths/parts.py"].replace("np.add", "np.subtract")},
            id="another function of a library",
        ),
        pytest.param(
            {"signs.py": "import random\n\nrandom.seed(1)\n\n\n" + PACKAGE["signs.py"]},
            id="module that acts",
        ),
    ],
)  # fmt: skip
def test_what_can_change_a_number_changes_the_digest(package, edit):
    assert digest_of(package(edit)) != digest_of(package())


@pytest.mark.parametrize(
    ("bare", "typed"),
    [
        ("    result = half(x)\n", "    result: float = half(x)\n"),
        ("    half.cache = x\n", "    half.cache: float = x\n"),
        ("    result = x\n", "    result = cast(float, x)\n"),
        ("    result = half(x)\n", "    result: 'list[float]'\n    result = half(x)\n"),
    ],
)
def test_an_annotation_of_a_variable_keeps_the_digest(package, bare, typed):
    train = "from typing import cast\n\nfrom xstilts.maths import half\n\n\ndef run(x):\n"
    root, annotated, other = (
        package({"train.py": f"{train}{line}    return 0\n"})
        for line in (bare, typed, typed.replace("x", "-x"))
    )
    assert digest_of(root) == digest_of(annotated) != digest_of(other)


def test_what_makes_a_field_a_field_changes_the_digest(package):
    train = "from xstilts.job import Job\n\n\ndef run(x):\n    return Job(x)\n"
    job = (
        "from dataclasses import dataclass\nfrom typing import ClassVar\n\n\n"
        "@dataclass\nclass Job:\n    first: int\n    rows{} = 1\n"
    )
    bare, integer, real, shared = (
        digest_of(package({"train.py": train, "job.py": job.format(kind)}))
        for kind in ("", ": int", ": float", ": ClassVar[int]")
    )
    assert integer == real
    assert len({bare, integer, shared}) == 3


def test_two_definitions_of_one_text_are_told_apart_by_what_they_call(package):
    both = {
        "one.py": "def f(x):\n    return g(x)\n\n\ndef g(x):\n    return 1\n",
        "two.py": "def f(x):\n    return g(x)\n\n\ndef g(x):\n    return 2\n",
    }
    text = "from xstilts import one, two\n\n\ndef run(x):\n    return {}.f(x) / {}.f(x)\n"
    digests = {
        digest_of(package({**both, "train.py": text.format(*order)}))
        for order in (("one", "two"), ("two", "one"))
    }
    assert len(digests) == 2


def test_an_edit_in_place_is_seen_by_the_same_process(package):
    folder = package()
    before = digest_of(folder)
    (folder / "xstilts" / "signs.py").write_text("def sign(a):\n    return 12345\n")
    assert digest_of(folder) != before


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("from xstilts.other import x as y\n\n    return y", True),
        ("import xstilts.other\n\n    return xstilts.other.x", True),
        ("from xstilts import other\n\n    return other.x", True),
        ("from importlib import import_module\n\n    m = import_module('xstilts.other')\n"
         "    return m.x", True),
        ("from xstilts import other\n\n    return other.y", False),
    ],
)  # fmt: skip
def test_imports_inside_functions_count(package, text, counts):
    train = f"def run(x):\n    {text}\n"
    one, two = (package({"train.py": train, "other.py": f"x = {n}\n"}) for n in (1, 2))
    assert (digest_of(one) != digest_of(two)) == counts


def test_two_functions_may_import_two_things_under_one_name(package):
    train = (
        "def run(x):\n    from xstilts.one import f\n\n    return f(x) + other(x)\n\n\n"
        "def other(x):\n    from xstilts.two import f\n\n    return f(x)\n"
    )
    text = "def f(x):\n    return {}\n"

    def made(one, two):
        files = {"train.py": train, "one.py": text.format(one), "two.py": text.format(two)}
        return digest_of(package(files))

    assert len({made(1, 2), made(3, 2), made(1, 3)}) == 3


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("raise ValueError('no row')", "raise ValueError('there is no row')", False),
        ("raise ValueError(f'{x} rows')", "raise ValueError(f'{x:,} rows are too many')", False),
        ("raise ValueError('no row')", "raise KeyError('no row')", True),
        ("raise StopIteration(x)", "raise StopIteration(-x)", True),
        ("print('step', x)", "print('now at step', x)", False),
        ("print(x, file=open('a', 'w'))", "print(-x, file=open('a', 'w'))", True),
    ],
)
def test_words_do_not_count_and_what_is_carried_does(package, before, after, counts):
    text = "def sign(x):\n    {}\n    return 1\n"
    one, two = (package({"signs.py": text.format(line)}) for line in (before, after))
    assert (digest_of(one) != digest_of(two)) == counts


def test_a_definition_hides_the_module_that_bears_its_name(package):
    train = "import xstilts.maths\n\n\ndef run(x):\n    return xstilts.maths.root(x)\n"
    handed_on = {"train.py": train, "maths/__init__.py": "from .root import root\n"}
    one, two = (
        package({**handed_on, "maths/root.py": f"def root(x):\n    return {n}\n"}) for n in (1, 2)
    )
    assert digest_of(one) != digest_of(two)


LOADER = (
    "from importlib import import_module\n\n\n"
    'def run(name, x):\n    return import_module(f"xstilts.kinds.{name}").loss(x)\n'
)


def test_of_objects_that_are_loaded_by_name_those_named_count(package):
    root = package({"train.py": LOADER})
    edited = package({"train.py": LOADER, "kinds/tags.py": "def loss(x):\n    return 7\n"})
    added = package({"train.py": LOADER, "kinds/toy.py": "def loss(x):\n    return 7\n"})
    assert digest_of(root) != digest_of(edited)
    assert digest_of(root, kinds=["tags"]) != digest_of(edited, kinds=["tags"])
    assert digest_of(root, kinds=["pair"]) == digest_of(edited, kinds=["pair"])
    assert digest_of(root, kinds=["pair"]) == digest_of(added, kinds=["pair"])


CLASS = (
    "class Base:\n    def shape(self):\n        return 1\n\n\n"
    "class Kind(Base):\n    width = 3\n\n    def loss(self, x):\n        return x\n\n"
    "    def text(self, x):\n        return x\n\n    def __len__(self):\n        return 1\n"
)


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("def loss(self, x):\n        return x", "def loss(self, x):\n        return -x", True),
        ("def text(self, x):\n        return x", "def text(self, x):\n        return -x", False),
        ("def __len__(self):\n        return 1", "def __len__(self):\n        return 2", True),
        ("width = 3", "width = 4", True),
        ("return 1\n\n\nclass", "return 2\n\n\nclass", False),
        ("class Base:", "class Base(dict):", True),
    ],
)
def test_of_a_class_the_methods_count_that_something_asks_for(package, old, new, counts):
    train = "from xstilts.kind import Kind\n\n\ndef run(x):\n    return Kind().loss(x)\n"
    assert old in CLASS
    one = package({"train.py": train, "kind.py": CLASS})
    two = package({"train.py": train, "kind.py": CLASS.replace(old, new)})
    assert (digest_of(one) != digest_of(two)) == counts


def test_all_methods_count_where_a_library_may_call_them(package):
    train = "from xstilts.kind import Head\n\n\ndef run(x):\n    return Head()(x)\n"
    head = (
        "from torch import nn\n\n\nclass Head(nn.Module):\n"
        "    def forward(self, x):\n        return {}\n"
    )
    one, two = (package({"train.py": train, "kind.py": head.format(n)}) for n in (1, 2))
    assert digest_of(one) != digest_of(two)


def test_what_may_be_handed_in_counts(package):
    train = "from xstilts.kind import Job\n\n\ndef run(job: Job):\n    return job.first()\n"
    job = "class Job:\n    def first(self):\n        return {}\n"
    one, two = (package({"train.py": train, "kind.py": job.format(n)}) for n in (1, 2))
    assert digest_of(one) != digest_of(two)


def test_rooms_that_cannot_change_a_number_are_in_no_digest(package):
    train = "from xstilts.core.files import read\n\n\ndef run(x):\n    return read(x)\n"
    one = package({"train.py": train})
    two = package({"train.py": train, "core/files.py": "def read(x):\n    return 2 * x\n"})
    renamed = package({"train.py": train.replace("read", "take"), "core/files.py": "take = abs\n"})
    assert digest_of(one) == digest_of(two) == digest_of(renamed)


def test_templates_beside_the_module_count(package):
    plain, one, other = (
        package({"page.css": text} if text else {}) for text in (None, "a {}", "b {}")
    )
    assert len({digest_of(folder) for folder in (plain, one, other)}) == 3
    maths = ["xstilts.maths:half"]
    assert digest_of(plain, maths) == digest_of(one, maths)
    below = package({"parts/section.html.jinja": "a"})
    assert digest_of(below) not in (digest_of(plain), digest_of(one))


@pytest.mark.parametrize("stage", ["intermediate", "target", "retrieval"])
def test_of_metrics_only_those_of_the_recipe_count_and_not_what_papers_call_them(stage):
    reached = Reached([STAGE_CODE[stage]], {OBJECTS["kinds"]: [], OBJECTS["metrics"]: ["accuracy"]})
    metrics = {name for name in reached.definitions if name.startswith(OBJECTS["metrics"])}
    named = {name.removeprefix(f"{OBJECTS['metrics']}.") for name in metrics}
    assert {"accuracy:METRIC", "accuracy:Accuracy.contribute"} <= named
    assert {"methods.mean:Mean.score_of_totals", "protocol:Metric.takes"} <= named
    others = ("f1", "exact", "correlation", "pearson", "spearman", "tag", "paper_name")
    assert not [name for name in named for other in others if other in name]
    assert not {"xstilts.evaluation.tags", "xstilts.evaluation.answers"} & reached.modules
