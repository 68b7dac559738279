"""Where a number comes from: a run, the runs it was made from, their data, code and cost."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from xstilts.commands.differences import languages, leaves
from xstilts.commands.history import History, PastRun
from xstilts.core.canonical import canonical
from xstilts.core.errors import StudyError, nearest
from xstilts.core.layout import duration
from xstilts.core.paths import STAGES
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.grid import Cell, Study

DIGEST = re.compile(r"^[0-9a-f]{12}$")
ROLES = {"parent": "start", "tasks": "training data", "evaluation": "test data"}
# Keys of a recipe under which other runs stand.
RUNS = ("parent", "encoder", "data", "activations")
# Said by the tree itself, or in its own place.
ELSEWHERE = ("stage", "code", "source", "splits")


def is_run(path: tuple[str, ...], value: Any) -> bool:
    """Whether a leaf of a recipe stands for another run."""
    return path[-1] in RUNS and DIGEST.match(str(value)) is not None


class Known:
    """Every run that can be explained: finished ones, and those that the study plans."""

    def __init__(self, study: AnyStudy, history: History) -> None:
        """Finished runs come before planned ones, since they say what was used."""
        self.finished = {run.name: run for run in history.runs}
        self.recipes: dict[str, dict[str, Any]] = {
            name: run.recipe for runs in study.runs.values() for name, run in runs.items()
        }
        self.recipes |= {name: run.recipe for name, run in self.finished.items()}
        self.by_digest = {name.rpartition("-")[2]: name for name in self.recipes}

    def named(self, name: str) -> str:
        """The run called `name`, or the only one whose readable name or digest that is.

        Raises:
            StudyError: there is none, or several; the nearest names are given.
        """
        if name in self.recipes:
            return name
        alike = [run for run in self.recipes if name in (run.rpartition("-")[0], run[-12:])]
        if alike:
            # What similarity makes of a run bears the same readable name, and comes after it.
            first = min(alike, key=self._stage)
            if sum(self._stage(run) == self._stage(first) for run in alike) == 1:
                return first
            raise StudyError(f"--run {name}: there are several; choose one of: {', '.join(alike)}.")
        labels = {run.rpartition("-")[0] for run in self.recipes}
        hint = _near(name, {*labels, *self.recipes}) or "look into results/runs/ for its name."
        raise StudyError(f"--run {name}: there is no such run; {hint}")

    def _stage(self, name: str) -> int:
        return STAGES.index(self.recipes[name]["stage"])

    def parents(self, name: str) -> list[tuple[str, str]]:
        """Role and name of every run that `name` was made from; digests that nobody knows too."""
        recipe, parents = self.recipes[name], []
        for path, value in leaves(recipe).items():
            if is_run(path, value):
                role = ROLES.get(path[0], path[0])
                parents.append((role, self.by_digest.get(value, f"(lost)-{value}")))
        order = {role: rank for rank, role in enumerate(ROLES.values())}
        return sorted(dict.fromkeys(parents), key=lambda parent: order.get(parent[0], len(order)))


def study_of_encoder(study: AnyStudy, encoder: str | None) -> Study:
    """The study of the encoder of that name; without a name, of the only one.

    Raises:
        StudyError: there is no such encoder, or no name and several encoders.
    """
    known = study.by_encoder
    if encoder is None and len(known) == 1:
        return next(iter(known.values()))
    if encoder is None:
        raise StudyError(
            f"--cell: the study has several encoders; say which with --encoder: {', '.join(known)}."
        )
    if encoder not in known:
        raise StudyError(f"--encoder {encoder}: no such encoder; {nearest(encoder, known)}")
    return known[encoder]


def named_cell(study: Study, cell: str) -> Cell:
    """The cell given as INTERMEDIATE/TARGET/SEED; the seed may be left out.

    Raises:
        StudyError: the study has no such cell; the nearest is given.
    """
    every = [*study.cells, *study.cheap_cells]
    # Tables and page call rows by their tasks, be they of cheap runs.
    cells = {f"{known.intermediate}/{known.target}/{known.seed}": known for known in study.cells}
    cells |= {"/".join(map(str, known.place)): known for known in every}
    wanted = cell if cell.count("/") > 1 else f"{cell}/{study.config['seeds'][0]}"
    if wanted not in cells:
        hint = _near(wanted, cells) or "write INTERMEDIATE/TARGET/SEED."
        raise StudyError(f"--cell {cell}: the study has no such cell; {hint}")
    return cells[wanted]


def _near(name: str, names: Iterable[str]) -> str:
    # A study has hundreds: where none is close, all of them are no help.
    hint = nearest(name, names)
    return hint if hint.startswith("did you") else ""


def explanation(known: Known, name: str) -> str:
    """The family tree of run `name`: each run once, with what determined it and what it cost."""
    return "\n".join(_tree(known, known.named(name), "", set()))


def _tree(known: Known, name: str, role: str, seen: set[str], depth: int = 0) -> Iterator[str]:
    margin = "  " * depth
    head = f"{margin}{f'{role}: ' if role else ''}{name}"
    if name in seen:
        yield f"{head} (see above)"
        return
    seen.add(name)
    if name not in known.recipes:
        yield f"{head}: its receipt is gone"
        return
    past = known.finished.get(name)
    yield f"{head}{_outcome(past)}"
    for line in [*_settings(known.recipes[name]), *(_facts(past) if past else [])]:
        yield f"{margin}  | {line}"
    for parent_role, parent in known.parents(name):
        yield from _tree(known, parent, parent_role, seen, depth + 1)


def _outcome(past: PastRun | None) -> str:
    if past is None:
        return " (not made yet)"
    status = past.receipt.get("status", "")
    return "" if status == "done" else f" ({status}: {past.receipt.get('reason')})"


def _settings(recipe: dict[str, Any]) -> Iterator[str]:
    plain: dict[str, list[str]] = {}
    for path, value in sorted(leaves(recipe).items()):
        if path[0] in ELSEWHERE or path[-1] == "tokenizer" or is_run(path, value):
            continue
        top = path[0] if len(path) > 1 else "recipe"
        text = value if isinstance(value, str) else canonical(value)
        plain.setdefault(top, []).append(f"{'.'.join(path[1:]) or path[0]} {text}")
    for top, values in plain.items():
        yield f"{top}: {', '.join(values)}"
    if spoken := languages(recipe):
        yield f"test languages: {spoken}"
    source = recipe.get("source")
    if source:
        yield f"source: {source['name']}" + (
            f", lexicon {source['lexicon']}" if "lexicon" in source else ""
        )
        for file, sha256 in source.get("files", {}).items():
            yield f"file: {file} sha256 {sha256}"
    if recipe.get("code"):
        yield f"code: {recipe['code']}"


def _facts(past: PastRun) -> Iterator[str]:
    receipt = past.receipt
    for task, dev in (receipt.get("dev") or {}).items():
        if isinstance(dev, dict) and "score" in dev:
            yield f"English dev of {task}: {dev['score']:.1f} {dev['metric']}"
    for file, sha256 in (receipt.get("files") or {}).items():
        yield f"made: {file} sha256 {sha256}"
    if receipt.get("code") == "pinned":
        yield "code was pinned: its digest is that of an earlier run"
    versions = receipt.get("versions") or {}
    if versions:
        yield "versions: " + ", ".join(f"{key} {value}" for key, value in versions.items())
    cost = [duration(receipt[key]) for key in ("wall_seconds", "cpu_seconds") if receipt.get(key)]
    if len(cost) == 2:
        ended = f", ended {receipt['ended']}" if "ended" in receipt else ""
        yield f"cost: {cost[0]} wall, {cost[1]} processor, on {receipt.get('device', 'cpu')}{ended}"
