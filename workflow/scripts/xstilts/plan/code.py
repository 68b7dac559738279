"""Digest of the code that decides a number: the definitions that an entry reaches, and no others.

Snakemake's own code trigger misses imported modules and fires when a script is merely touched.
Here a definition counts if it can be reached by names, and a method if besides its class anything
reaches an attribute of its name. Where a definition lies and what it is called do not count, nor
does anything in a room of OUTSIDE: what it computes reaches a job as JSON, in the recipe.
"""

import ast
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from xstilts.core.canonical import digest
from xstilts.core.files import file_sha256
from xstilts.plan.syntax import ClassParts, Reference, Scope, Unit

TEMPLATES = (".jinja", ".css")
ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = tuple(f"xstilts.{room}" for room in ("core", "config", "plan", "jobs", "commands"))
# The exceptions: how random numbers are drawn, in which order shards are read, and which encoders
# are of which family.
INSIDE = ("xstilts.core.draws", "xstilts.core.shards", "xstilts.core.encoder_families")
# Rounds in which a definition's digest takes in those of the definitions that it names, so that
# two of one text are told apart by what they call (Weisfeiler and Leman's refinement of colours).
ROUNDS = 3

Objects = Mapping[str, Iterable[str]]


@dataclass
class Module:
    """The definitions of one module.

    Attributes:
        units: functions, classes and assignments, by name.
        statements: what runs on import and defines nothing.
        imported: names that are bound by imports, and what they stand for.
        loads: modules that are imported when this one is.
    """

    units: dict[str, Unit | ClassParts] = field(default_factory=dict)
    statements: Unit = field(default_factory=Unit)
    imported: dict[str, Reference] = field(default_factory=dict)
    loads: set[str] = field(default_factory=set)


def module_file(module: str, root: Path = ROOT) -> Path | None:
    """The file of module `a.b.c` below `root`, or None if there is no such module."""
    path = root.joinpath(*module.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def is_outside(module: str) -> bool:
    """Whether nothing in `module` can change a number."""
    return _below(module, OUTSIDE) and not _below(module, INSIDE)


def _below(module: str, packages: Iterable[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)


@lru_cache(maxsize=1024)
def _read(file: Path, module: str, root: Path, stamp: tuple[int, int]) -> Module:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    scope = Scope(module, file.name == "__init__.py", lambda name: _is_module(name, root))
    defining: dict[str, list[ast.stmt]] = {}
    others: list[ast.stmt] = []
    for statement in tree.body:
        names = set(_bound(statement))
        for name in names:
            defining.setdefault(name, []).append(statement)
        if not names:
            others.append(statement)
    scope.own = set(defining)
    scope.learn(tree)
    made = Module(imported=dict(scope.imported), statements=scope.unit(others))
    top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)],
                     [])  # fmt: skip
    made.loads = {part for reference in dict(scope.imports(top)).values() for part in
                  (reference[0], ".".join(filter(None, reference)))}  # fmt: skip
    for name, statements in defining.items():
        only = statements[0] if len(statements) == 1 else None
        made.units[name] = (
            scope.class_parts(only) if isinstance(only, ast.ClassDef) else scope.unit(statements)
        )
    return made


def _bound(statement: ast.stmt) -> list[str]:
    """Names that a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Expr):
        return []
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ] + [node.name for node in ast.walk(statement)
         if isinstance(node, ast.FunctionDef | ast.ClassDef)]  # fmt: skip


@lru_cache(maxsize=4096)
def _is_module(module: str, root: Path) -> bool:
    return module_file(module, root) is not None


class Reached:
    """What a stage's entries reach.

    Attributes:
        units: every unit, by its module and its name ("" for the statements of a module).
    """

    def __init__(
        self,
        entries: Iterable[str],
        objects: Objects,
        root: Path = ROOT,
    ) -> None:
        """Follow `entries`, each a "module:definition" or a whole "module".

        `objects` names, by package ("xstilts.kinds"), the modules that are loaded from it by
        name; of a package that is not in it, all count.
        """
        self.root, self.objects = root, {key: sorted(value) for key, value in objects.items()}
        self.units: dict[tuple[str, str], Unit] = {}
        self._classes: dict[tuple[str, str], ClassParts] = {}
        self._spaces: set[str] = set()
        self._attributes: set[str] = set()
        self._files: dict[str, Module | None] = {}
        self._loaded: set[str] = set()
        self._queue: list[Reference] = []
        for entry in entries:
            module, _, name = entry.partition(":")
            if name:
                self._queue.append((module, name))
            else:
                self._queue += [(module, unit) for unit in self._module(module).units]
        self._follow()

    def _module(self, module: str) -> Module:
        if module not in self._files:
            file = module_file(module, self.root)
            if file is None:
                self._files[module] = None
            else:
                status = file.stat()
                stamp = (status.st_mtime_ns, status.st_size)
                self._files[module] = _read(file, module, self.root, stamp)
        return self._files[module] or Module()

    def _follow(self) -> None:
        """Until nothing new is reached."""
        while True:
            while self._queue:
                self._reach(*self._queue.pop())
            self._queue = []
            self._reach_methods()
            if not self._queue:
                return

    def _reach(self, module: str, name: str | None) -> None:
        if is_outside(module):
            return
        if module.endswith("."):
            self._reach_objects(module[:-1])
            return
        if name is None:
            self._spaces.add(module)
            self._load(module)
            package, _, leaf = module.rpartition(".")
            if leaf in self._module(package).imported or leaf in self._module(package).units:
                # A package that hands on `a.a` as `a`: the definition hides the module.
                self._reach(package, leaf)
            return
        known = self._module(module)
        if (module, name) in self.units:
            return
        unit = known.units.get(name)
        if unit is None:
            reference = known.imported.get(name)
            if reference and reference != (module, name):
                self._queue.append(reference if reference[1] else (reference[0], None))
            elif _is_module(f"{module}.{name}", self.root):
                self._queue.append((f"{module}.{name}", None))
            return
        if isinstance(unit, ClassParts):
            self._classes[module, name] = unit
            unit = unit.head
        self._add(module, name, unit)

    def _add(self, module: str, name: str, unit: Unit) -> None:
        self.units[module, name] = unit
        self._attributes |= unit.attributes
        self._queue += [*unit.names, *unit.hints]
        self._load(module)

    def _reach_objects(self, package: str) -> None:
        """The modules that are loaded by name from `package`: what is read of them (`KIND`)."""
        names = self.objects.get(package)
        if names is None:
            folder = self.root.joinpath(*package.split("."))
            names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
        for name in names:
            self._queue.append((f"{package}.{name}", None))

    def _load(self, module: str) -> None:
        """What runs when `module` is imported, and with it its packages and its own imports."""
        queue = [module]
        while queue:
            name = queue.pop()
            if name in self._loaded or is_outside(name) or not _is_module(name, self.root):
                continue
            self._loaded.add(name)
            known = self._module(name)
            if known.statements.text:
                self._add(name, "", known.statements)
            queue += [*known.loads, name.rpartition(".")[0]]

    def _reach_methods(self) -> None:
        """Methods of reached classes, and definitions of modules at hand, by their names."""
        for (module, name), parts in list(self._classes.items()):
            every = self._is_open(module, name)
            for method, unit in parts.methods.items():
                key = (module, f"{name}.{method}")
                special = method.startswith("__") and method.endswith("__")
                if key not in self.units and (every or special or method in self._attributes):
                    self._add(*key, unit)
        for module in list(self._spaces):
            known = self._module(module).units
            for name in known:
                if name in self._attributes and (module, name) not in self.units:
                    self._queue.append((module, name))

    def _is_open(self, module: str, name: str) -> bool:
        parts = self._classes[module, name]
        bases = [base for base in parts.bases if base in self._classes]
        return parts.open or any(self._is_open(*base) for base in bases)

    def _neighbours(self, key: tuple[str, str]) -> list[tuple[str, str]]:
        named = [self._target(reference) for reference in self.units[key].names]
        methods = sorted(
            (key[0], f"{key[1]}.{method}")
            for method in (self._classes[key].methods if key in self._classes else ())
        )
        return [other for other in [*named, *methods] if other in self.units]

    def _target(self, reference: Reference) -> tuple[str, str]:
        """The unit that a name stands for, through the modules that pass it on."""
        module, name = reference
        for _ in range(8):
            if name is None or name in self._module(module).units:
                break
            onward = self._module(module).imported.get(name)
            if onward is None:
                break
            module, name = onward
        return module, name or ""

    @property
    def definitions(self) -> dict[str, str]:
        """Digest of each unit by itself, by "module:name"."""
        return {f"{module}:{name}": digest(unit.text)
                for (module, name), unit in sorted(self.units.items())}  # fmt: skip

    def definition(self, module: str, name: str) -> str | None:
        """Digest of one unit as it is in its file, reached or not; None where there is none."""
        known = self._module(module)
        top, _, method = name.partition(".")
        unit = known.units.get(top) if name else known.statements
        if isinstance(unit, ClassParts):
            unit = unit.methods.get(method) if method else unit.head
        return digest(unit.text) if unit else None

    @property
    def modules(self) -> set[str]:
        """Modules of which anything is reached."""
        return {module for module, _ in self.units}

    @property
    def digest(self) -> str:
        """Over all units, whatever they are called and wherever they lie."""
        colours = {key: _hash(_method(key), unit.text) for key, unit in self.units.items()}
        around = {key: self._neighbours(key) for key in self.units}
        for _ in range(ROUNDS):
            colours = {
                key: _hash(colour, *(colours[other] for other in around[key]))
                for key, colour in colours.items()
            }
        return digest(sorted(colours.values()))


def _method(key: tuple[str, str]) -> str:
    """A method's name counts, since it is by its name that it is called."""
    return key[1].rpartition(".")[2] if "." in key[1] else ""


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def edited(definitions: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Modules in which one of `definitions` (`Reached.definitions`) is no longer what it was."""
    now = Reached([], {}, root)
    return sorted(
        {
            name.partition(":")[0]
            for name, before in definitions.items()
            if now.definition(*name.split(":", 1)) != before
        }
    )


def code_digest(entries: Iterable[str], objects: Objects | None = None, root: Path = ROOT) -> str:
    """Digest over all definitions that decide what `entries` compute, and templates beside them."""
    entries = list(entries)
    return digest([Reached(entries, objects or {}, root).digest, templates(entries, root)])


def templates(entries: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """SHA-256 of the templates that lie beside the modules of `entries`, or below them."""
    files = [module_file(entry.partition(":")[0], root) for entry in entries]
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for folder in sorted({file.parent for file in files if file})
        for path in sorted(folder.rglob("*"))
        if path.suffix in TEMPLATES
    }
