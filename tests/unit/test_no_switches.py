"""No code outside an object asks what the object is called: it asks the object."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from xstilts.core.objects import object_names

# Packages of objects that vary, one a file. Names of tables and sections are also words of columns.
PACKAGES = (
    "xstilts.kinds",
    "xstilts.sources",
    "xstilts.encoders.sources",
    "xstilts.translation.sources",
    "xstilts.evaluation.metrics",
    "xstilts.similarity.measures",
)


def names_of(package: str) -> set[str]:
    return set(object_names(package))


def switches(text: str, packages: dict[str, set[str]]) -> Iterator[tuple[int, str]]:
    """Line and code of comparisons with a name, and of choices among two names of a package."""
    everything = set().union(*packages.values())
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            compared = set().union(*map(_literals, _operands(node))) & everything
        elif isinstance(node, ast.MatchValue):
            compared = _literals(node.value) & everything
        elif isinstance(node, ast.Dict):
            keys = set().union(*map(_literals, filter(None, node.keys)))
            compared = {name for names in packages.values() if len(keys & names) > 1
                        for name in keys & names}  # fmt: skip
        else:
            continue
        if compared:
            yield node.lineno if hasattr(node, "lineno") else 0, ast.unparse(node)


def _operands(node: ast.Compare) -> Iterator[ast.expr]:
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        # `"name" in table` asks for a key.
        if not isinstance(operator, ast.In | ast.NotIn):
            yield left
        yield right


def _literals(node: ast.expr) -> set[str]:
    elements = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return {one.value for one in elements
            if isinstance(one, ast.Constant) and isinstance(one.value, str)}  # fmt: skip


@pytest.fixture(scope="module")
def packages() -> dict[str, set[str]]:
    return {package: names_of(package) for package in PACKAGES}


def test_no_module_asks_for_a_name(root, packages):
    scripts = root / "workflow" / "scripts"
    homes = [scripts.joinpath(*package.split(".")) for package in PACKAGES]
    files = [*scripts.glob("*.py"), *(scripts / "xstilts").rglob("*.py")]
    assert len(files) > 300 and all(map(Path.is_dir, homes))
    found = [
        f"{file.relative_to(scripts)}:{line} {code}"
        for file in files
        if not any(file.is_relative_to(home) for home in homes)
        for line, code in switches(file.read_text(encoding="utf-8"), packages)
    ]
    assert found == []


def test_no_rule_asks_for_a_name(root, packages):
    names = "|".join(sorted(set().union(*packages.values())))
    asks = re.compile(rf"""(==|!=|\bin\s*[(\[{{])\s*["']({names})["']""")
    rules = [root / "workflow" / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    found = [line for file in rules for line in file.read_text().splitlines() if asks.search(line)]
    assert asks.search('if source["name"] != "hub":') and found == []


@pytest.mark.parametrize(
    "code",
    [
        'recipe["kind"] == "retrieval"',
        'name in ("hub", "folder")',
        'x = {"demo": 1, "hub": 2}',
        'match x:\n    case "accuracy":\n        pass',
    ],
)
def test_a_planted_switch_is_found(code, packages):
    assert list(switches(code, packages))


@pytest.mark.parametrize("code", ['"retrieval" in recipe', 'kind_of("retrieval")', '{"hub": 1}'])
def test_what_is_no_switch_is_not(code, packages):
    assert not list(switches(code, packages))
