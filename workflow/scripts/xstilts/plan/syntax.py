"""Definitions of a module as text that only an edit which can change a number changes.

A syntax tree is written out node by node, without what differs between versions of Python
(`ast.unparse` quotes otherwise since 3.12), positions, docstrings, annotations (of a class's fields
only what makes them fields), `typing.cast`, import lines and the words in `raise`, `print`, logging
and warnings. A name of the package's own is written as a mark and listed apart, so that a
definition may be renamed or moved.
"""

import ast
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

# A module, or a name in a module: ("xstilts.data.rows", "read") or ("xstilts.data.rows", None).
Reference = tuple[str, str | None]

# Which fields a node has depends on Python's version, or says nothing of what the code does.
UNTOLD = frozenset({"ctx", "kind", "type_comment", "type_params"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What holds statements: they themselves, and their branches.
BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
SPEAKERS = frozenset({"logging", "warnings"})
LOGGERS = frozenset({"log", "logger", "LOG", "LOGGER"})
# Annotations in a class that decide what a dataclass does with a field.
FIELD_KINDS = frozenset({"ClassVar", "InitVar", "KW_ONLY"})


@dataclass
class Unit:
    """A definition, a method or the statements of a module that define nothing.

    Attributes:
        text: the syntax tree, names of the package replaced by a mark.
        names: what the marks stand for, in order.
        hints: names of the package in annotations: what may be handed in.
        attributes: every attribute that is read of anything.
    """

    text: str = ""
    names: list[Reference] = field(default_factory=list)
    hints: list[Reference] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)


@dataclass
class ClassParts:
    """A class in parts, since a stage reaches but some of its methods.

    Attributes:
        head: bases, decorators and all statements but the methods.
        bases: bases of the package.
        open: whether code outside of the package may call its methods by their names.
        methods: the methods by name; of several of one name (a property and its setter) all.
    """

    head: Unit
    bases: list[Reference]
    open: bool
    methods: dict[str, Unit]


class Scope:
    """What the names of a module mean, and how its definitions are written out."""

    def __init__(self, module: str, is_package: bool, is_module: Callable[[str], bool]) -> None:
        """`is_module` says whether the project has a module, or a package, of a name."""
        self.package = module if is_package else module.rpartition(".")[0]
        self.module, self.is_module = module, is_module
        self.own: set[str] = set()
        self.imported: dict[str, Reference] = {}

    def learn(self, tree: ast.Module) -> None:
        """Take in what the import lines of a module bind, those inside of definitions aside."""
        for statement in tree.body:
            if not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                self.imported |= dict(self.imports(statement))

    def imports(self, tree: ast.AST) -> Iterator[tuple[str, Reference]]:
        """Names that the import lines below `tree` bind, at any depth of the code."""
        for node in _statements(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    yield alias.asname or top, (alias.name if alias.asname else top, None)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                for alias in node.names:
                    yield alias.asname or alias.name, (base, alias.name)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        parent = parts[: len(parts) - node.level + 1]
        return ".".join([*parent, node.module] if node.module else parent)

    def is_ours(self, module: str) -> bool:
        """Whether a module belongs to the project."""
        top = module.partition(".")[0]
        return top.isidentifier() and self.is_module(top)

    def meaning(self, name: str) -> Reference | None:
        """What a name stands for, or None for a local one, a builtin or a parameter."""
        if name in self.own:
            return self.module, name
        return self.imported.get(name)

    def unit(self, nodes: Sequence[ast.AST]) -> Unit:
        """The statements or expressions `nodes` as one unit."""
        writer = _Writer(self, nodes)
        writer.unit.text = "".join(map(writer.text, nodes))
        return writer.unit

    def class_parts(self, node: ast.ClassDef) -> ClassParts:
        """A class with its methods apart."""
        methods: dict[str, list[ast.stmt]] = {}
        for item in node.body:
            if isinstance(item, FUNCTIONS):
                methods.setdefault(item.name, []).append(item)
        rest = [item for item in node.body if not isinstance(item, FUNCTIONS)]
        parts = [*node.decorator_list, *node.bases, *node.keywords, *rest]
        head = _Writer(self, parts, fields=True)
        head.unit.text = "".join(map(head.text, parts))
        bases = [self._of(base) for base in node.bases]
        return ClassParts(
            head.unit,
            [base for base in bases if base and self.is_ours(base[0])],
            any(not self._is_closed(base) for base in node.bases),
            {name: self.unit(items) for name, items in methods.items()},
        )

    def _of(self, base: ast.expr) -> Reference | None:
        node = base.value if isinstance(base, ast.Subscript) else base
        return self.meaning(node.id) if isinstance(node, ast.Name) else None

    def _is_closed(self, base: ast.expr) -> bool:
        """Whether `base` calls no method that a class below it defines."""
        meaning = self._of(base)
        if meaning is None:
            name = base.id if isinstance(base, ast.Name) else ""
            return name in ("object", "Exception", "ValueError", "RuntimeError", "dict", "list")
        return self.is_ours(meaning[0]) or meaning[0] in ("typing", "abc", "enum")


class _Writer:
    """Writes nodes out and keeps account of the names in them."""

    def __init__(self, scope: Scope, nodes: Sequence[ast.AST], fields: bool = False) -> None:
        self.scope, self.unit, self.fields = scope, Unit(), fields
        # Two functions may import two things under one name.
        self.imported = {name: meaning for node in nodes for name, meaning in scope.imports(node)}
        self.speaking = False

    def meaning(self, name: str) -> Reference | None:
        return self.imported.get(name) or self.scope.meaning(name)

    def text(self, node: object) -> str:
        if isinstance(node, list):
            return "[" + "".join(map(self.text, node)) + "]"
        if not isinstance(node, ast.AST):
            return f"{type(node).__name__}:{node!r};"
        if _is_silent(node):
            return ""
        known = getattr(self, f"_{type(node).__name__.lower()}", None)
        return known(node) if known else self._plain(node)

    def _plain(self, node: ast.AST, without: frozenset[str] = UNTOLD) -> str:
        parts = [
            f"{name}={self.text(value)}"
            for name, value in ast.iter_fields(node)
            if name not in without and value not in (None, [])
        ]
        return f"({type(node).__name__} {''.join(parts)})"

    def _refer(self, meaning: Reference, attributes: Iterable[str] = ()) -> str:
        """A mark for a name of the project, or the full name of anything else."""
        module, name = meaning
        rest = [*([name] if name else []), *attributes]
        if not self.scope.is_ours(module):
            return f"<{'.'.join([module, *rest])}>"
        while rest and self.scope.is_module(f"{module}.{rest[0]}"):
            module = f"{module}.{rest.pop(0)}"
        self.unit.names.append((module, rest[0] if rest else None))
        self.unit.attributes.update(rest[1:])
        return "<>" + "".join(f".{part}" for part in rest[1:])

    def _name(self, node: ast.Name) -> str:
        meaning = self.meaning(node.id)
        return self._refer(meaning) if meaning else f"{node.id};"

    def _attribute(self, node: ast.Attribute) -> str:
        chain = _chain(node)
        meaning = self.meaning(chain[0]) if chain else None
        if meaning:
            return self._refer(meaning, chain[1:])
        self.unit.attributes.add(node.attr)
        return self._plain(node)

    def _constant(self, node: ast.Constant) -> str:
        value = node.value
        if isinstance(value, str) and self.speaking:
            return ""
        if isinstance(value, str):
            if self.scope.is_ours(value) and "." in value:
                self.unit.names.append((value, None))
                return "<>"
            if value.isidentifier():
                # getattr(x, "name")
                self.unit.attributes.add(value)
        return f"{type(value).__name__}:{value!r};"

    def _call(self, node: ast.Call) -> str:
        if isinstance(node.func, ast.Name) and self.meaning(node.func.id) == ("typing", "cast"):
            annotation, value = node.args
            self._hint(annotation)
            return self.text(value)
        return self._plain(node)

    def _matchclass(self, node: ast.MatchClass) -> str:
        self.unit.attributes.update(node.kwd_attrs)
        return self._plain(node)

    def _joinedstr(self, node: ast.JoinedStr) -> str:
        return "" if self.speaking else self._plain(node)

    def _raise(self, node: ast.Raise) -> str:
        # Which error it is, and what it carries; what it says can change no number.
        before, self.speaking = self.speaking, True
        text = f"(Raise {self.text(node.exc) if node.exc else ''})"
        self.speaking = before
        return text

    def _assert(self, node: ast.Assert) -> str:
        return f"(Assert {self.text(node.test)})"

    def _arg(self, node: ast.arg) -> str:
        self._hint(node.annotation)
        return f"{node.arg};"

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        self._hint(node.returns)
        return self._plain(node, UNTOLD | {"returns", "name"})

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> str:
        # One inside of a function.
        inner = _Writer(self.scope, [node], fields=True)
        inner.unit, inner.imported = self.unit, self.imported
        return inner._plain(node)

    def _annassign(self, node: ast.AnnAssign) -> str:
        self._hint(node.annotation)
        if not self.fields:
            # As without the annotation; one that assigns nothing is for the type checker alone.
            plain = ast.Assign([node.target], node.value) if node.value else None
            return self._plain(plain) if plain else ""
        named = {part.id for part in ast.walk(node.annotation) if isinstance(part, ast.Name)}
        kinds = ",".join(sorted(named & FIELD_KINDS))
        return f"(Field {kinds}{self.text(node.target)}{self.text(node.value)})"

    def _hint(self, annotation: ast.expr | None) -> None:
        if annotation is None:
            return
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        for part in ast.walk(annotation):
            meaning = self.meaning(part.id) if isinstance(part, ast.Name) else None
            if meaning and self.scope.is_ours(meaning[0]):
                self.unit.hints.append(meaning)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """`tree` and all statements below it, in the order of `ast.walk`, which enters expressions too.

    Those are most of a tree, and no statement is below an expression.
    """
    queue = deque([tree])
    while queue:
        node = queue.popleft()
        yield node
        queue.extend(part for part in ast.iter_child_nodes(node) if isinstance(part, BLOCKS))


def _chain(node: ast.Attribute) -> list[str]:
    """["a", "b", "c"] for a.b.c, and [] where it does not begin with a name."""
    parts: list[str] = []
    part: ast.expr = node
    while isinstance(part, ast.Attribute):
        parts.append(part.attr)
        part = part.value
    return [part.id, *reversed(parts)] if isinstance(part, ast.Name) else []


def _is_silent(node: ast.AST) -> bool:
    """Whether a statement only imports, documents or speaks to a user."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If):
        return any(isinstance(part, ast.Name) and part.id in ("TYPE_CHECKING", "__name__")
                   for part in ast.walk(node.test))  # fmt: skip
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str)
    if not isinstance(value, ast.Call):
        return False
    if isinstance(value.func, ast.Name):
        # With `file=` it may write a result.
        return value.func.id == "print" and not any(word.arg == "file" for word in value.keywords)
    chain = _chain(value.func) if isinstance(value.func, ast.Attribute) else []
    return bool(chain) and (chain[0] in SPEAKERS or chain[0] in LOGGERS)
