"""Which stages an edit of the code renames: by what each stage's digest of code is made of."""

import ast
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.core.layout import listed
from xstilts.plan.code import ROOT, Reached, module_file, templates
from xstilts.plan.stage_code import OBJECTS, RUN_STAGES, STAGE_CODE

SCRIPTS = "workflow/scripts"
STAGES_FILE = Path("xstilts/plan/stage_code.py")
# What digests are made with: an edit of these may rename everything.
DIGESTING = ("xstilts/plan/code.py", "xstilts/plan/syntax.py")


@dataclass(frozen=True)
class Variant:
    """A stage, alone or with one of the objects that its recipes name ("kinds", "tagging")."""

    stage: str
    room: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.stage}, {self.room} {self.name}" if self.room else self.stage


@dataclass
class Code:
    """What decides the numbers of every stage in a copy of the code.

    Attributes:
        digests: by variant.
        definitions: digest of each definition ("module:name") that a variant reaches.
    """

    digests: dict[Variant, str] = field(default_factory=dict)
    definitions: dict[Variant, dict[str, str]] = field(default_factory=dict)


def read_code(root: Path = ROOT) -> Code:
    """The stages' code as it is below `root`, the folder that holds the packages."""
    code = Code()
    for stage, module in _stages(root).items():
        if module_file(module, root) is None:
            continue
        for variant, objects in _variants(stage, root):
            reached = Reached([module], objects, root)
            beside = {} if stage in RUN_STAGES else templates([module], root)
            code.digests[variant] = f"{reached.digest} {sorted(beside.items())}"
            code.definitions[variant] = reached.definitions | beside
    return code


def _stages(root: Path) -> Mapping[str, str]:
    """The stages' modules as the code below `root` names them."""
    try:
        tree = ast.parse((root / STAGES_FILE).read_text(encoding="utf-8"))
    except OSError:
        return STAGE_CODE
    values = [
        statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "STAGE_CODE"
    ]
    return ast.literal_eval(values[0]) if values else STAGE_CODE


def _variants(stage: str, root: Path) -> Iterator[tuple[Variant, dict[str, list[str]]]]:
    """A stage with none of the objects that are loaded by name, and with each by itself."""
    none: dict[str, list[str]] = {package: [] for package in OBJECTS.values()}
    # Tables are made with whatever is there.
    if stage not in RUN_STAGES:
        yield Variant(stage), {}
        return
    yield Variant(stage), none
    for room, package in OBJECTS.items():
        for file in sorted(root.joinpath(*package.split(".")).glob("[a-z]*.py")):
            yield Variant(stage, room, file.stem), {**none, package: [file.stem]}


def _without_repeats(definitions: Mapping[Variant, set[str]]) -> dict[Variant, set[str]]:
    """An object's own share only: what its stage reaches without it stands there already."""
    own = {
        variant: names - (definitions.get(Variant(variant.stage), set()) if variant.room else set())
        for variant, names in definitions.items()
    }
    return {variant: names for variant, names in own.items() if names}


def users_of(file: Path, code: Code, root: Path = ROOT) -> dict[Variant, set[str]]:
    """The definitions of `file` that each stage reaches; an edit of others renames nothing.

    Raises:
        StudyError: there is no such file.
    """
    path = file.resolve()
    if not path.is_file():
        raise StudyError(f"xstilts renames: there is no file '{file}'.")
    if not path.is_relative_to(root):
        return {}
    parts = path.relative_to(root).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    # Templates stand under their file's name.
    definitions = {
        variant: {
            name.partition(":")[2] or name
            for name in names
            if name.partition(":")[0] in (module, path.name)
        }
        for variant, names in code.definitions.items()
    }
    return _without_repeats(definitions)


def renamed(before: Code, after: Code) -> dict[Variant, set[str]]:
    """Stages whose digest differs, with the definitions that came, went or changed."""
    changes = {
        variant: _changes(before.definitions.get(variant, {}), after.definitions.get(variant, {}))
        for variant in after.digests.keys() | before.digests.keys()
        if before.digests.get(variant) != after.digests.get(variant)
    }
    return _without_repeats(changes)


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    # Both ends of a pure move are the same text, and rename nothing by themselves.
    gone = {before[name] for name in names if name in before and name not in after}
    come = {after[name] for name in names if name in after and name not in before}
    moved = gone & come
    own = {name for name in names if before.get(name, after.get(name)) not in moved}
    return own or names or {"what calls what"}


def read_revision(revision: str, repository: Path) -> tuple[Code, bool]:
    """The code at a commit, and whether digests are made there as they are made now.

    Raises:
        StudyError: git does not know the revision, or the code lies elsewhere in it.
    """
    ended = subprocess.run(
        ["git", "-C", str(repository), "archive", revision, SCRIPTS], capture_output=True
    )
    if ended.returncode:
        reason = ended.stderr.decode(errors="replace").strip().splitlines()
        raise StudyError(
            f"xstilts renames: git cannot give {SCRIPTS} at '{revision}': "
            f"{reason[-1] if reason else 'it says no more'}"
        )
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(ended.stdout)) as archive:
            archive.extractall(folder, filter="data")
        root = Path(folder).resolve() / SCRIPTS
        same = all(_bytes(root / name) == _bytes(ROOT / name) for name in DIGESTING)
        return read_code(root), same


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def text_of(stages: Mapping[Variant, set[str]], verb: str) -> str:
    """A line per stage, with the definitions; runs first, then the tables."""
    if not stages:
        return f"{verb} nothing."
    order = {stage: number for number, stage in enumerate(STAGE_CODE)}
    lines = []
    for title, wanted in (("runs of", True), ("tables, made anew:", False)):
        chosen = [variant for variant in stages if (variant.stage in RUN_STAGES) == wanted]
        if chosen:
            lines.append(f"{verb} {title}" if wanted else title.capitalize())
        for variant in sorted(
            chosen, key=lambda variant: (order.get(variant.stage, 99), str(variant))
        ):
            lines.append(f"  {variant}: {listed(sorted(stages[variant]))}")
    return "\n".join(lines)
