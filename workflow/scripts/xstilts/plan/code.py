"""Digest of the code that decides a number: a module and all of the package that it imports.

Comments, docstrings, blank lines and line breaks do not count, so that only an edit that can
change a result gives a run a new name. Snakemake's own code trigger does the opposite on both
counts: it misses imported modules and fires when a script is merely touched.
"""

import ast
from functools import lru_cache
from pathlib import Path

from xstilts.core.canonical import digest
from xstilts.core.files import file_sha256

PACKAGE = "xstilts"
TEMPLATES = (".jinja", ".css")
ROOT = Path(__file__).resolve().parents[1]


def module_file(module: str, root: Path = ROOT) -> Path | None:
    """The file of `xstilts.a.b` below `root`, or None if there is no such module."""
    path = root.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            constant = body[0].value
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                body[:] = body[1:] or [ast.Pass()]
    return tree


def _imports(tree: ast.Module, module: str, file: Path) -> set[str]:
    """Modules of the package that `module` names in an import, at any depth of the code."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, base] if base else parent)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # import_module("xstilts.a.b"), or of f"xstilts.a.{name}": any module of xstilts.a.
            found.add(node.value)
    return {name for name in found if name == PACKAGE or name.startswith(PACKAGE + ".")}


@lru_cache(maxsize=512)
def _parse(file: Path, module: str, stamp: tuple[int, int]) -> tuple[str, frozenset[str]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imports = _imports(tree, module, file)
    return digest(ast.unparse(_without_docstrings(tree))), frozenset(imports)


def _modules_of(package: str, root: Path) -> list[str]:
    folder = root.joinpath(*package.split(".")[1:])
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
    return [package, *(f"{package}.{name}" for name in names)]


def users_of(module: str, root: Path = ROOT, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Every module that `module` can reach by imports, itself included, with its digest.

    `without` names packages whose code cannot matter here (the demo's grammar for a study on
    real data).
    """
    seen: dict[str, str] = {}
    queue = [module]
    while queue:
        name = queue.pop()
        if name.endswith("."):
            queue.extend(_modules_of(name[:-1], root))
            continue
        skipped = any(name == item or name.startswith(item + ".") for item in without)
        file = None if name in seen or skipped else module_file(name, root)
        if file is None:
            continue
        status = file.stat()
        seen[name], imports = _parse(file, name, (status.st_mtime_ns, status.st_size))
        # Importing a.b.c runs a/__init__ and a.b/__init__ too.
        parents = {name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)}
        queue.extend(sorted(imports | parents))
    return dict(sorted(seen.items()))


def code_digest(module: str, root: Path = ROOT, without: tuple[str, ...] = ()) -> str:
    """Digest over all modules that decide what `module` computes, and the templates beside it."""
    return digest(users_of(module, root, without) | _templates(module, root))


def _templates(module: str, root: Path) -> dict[str, str]:
    file = module_file(module, root)
    beside = sorted(file.parent.iterdir()) if file else []
    return {path.name: file_sha256(path) for path in beside if path.suffix in TEMPLATES}
