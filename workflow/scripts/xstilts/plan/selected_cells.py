"""Which cells of the grid are run: all of them, or those of a plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.config.study_config import Config
from xstilts.config.validation import read_yaml
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import at_fidelity, row_and_fidelity

Place = tuple[str, str, int]
AGAIN = "make it anew with `xstilts plan`, or leave the key out to run the whole grid"


@dataclass(frozen=True)
class Selection:
    """The cells of a plan, as row (`mnli`, or `mnli~cheap` of a fidelity), target and seed."""

    path: Path
    places: frozenset[Place]

    def has(self, intermediate: str, target: str, seed: int) -> bool:
        """Whether the plan has this cell."""
        return (intermediate, target, seed) in self.places


def read_selection(config: Config) -> Selection | None:
    """The plan that a config names; None where it runs the whole grid.

    Raises:
        StudyError: the file is no plan, or the plan of another study.
    """
    if config["selection"] is None:
        return None
    path = Path(config["selection"])
    where = f"config, key 'selection': {path}"
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("cells"), dict):
        raise StudyError(f"{where} is no plan: it has no `cells`; {AGAIN}.")
    if content.get("study") != config["study"]:
        raise StudyError(
            f"{where} is a plan of the study '{content.get('study')}', not of '{config['study']}'; "
            f"{AGAIN}."
        )
    return Selection(path, frozenset(_places(content["cells"], where)))


def _places(cells: Mapping[str, Any], where: str) -> Iterable[Place]:
    for row, targets in cells.items():
        if not isinstance(targets, dict):
            raise StudyError(f"{where}: cells.{row} is no list of targets; {AGAIN}.")
        for target, seeds in targets.items():
            if not isinstance(seeds, list) or not all(type(seed) is int for seed in seeds):
                raise StudyError(f"{where}: cells.{row}.{target} is no list of seeds; {AGAIN}.")
            yield from ((str(row), str(target), seed) for seed in seeds)


def check_selection(selection: Selection, grid: Iterable[Place], baseline: str) -> None:
    """Whether the grid has every cell of the plan, and each the baseline of its fidelity.

    Raises:
        StudyError: it has not: the plan is another config's.
    """
    grid = set(grid)
    where = f"config, key 'selection': {selection.path}"
    names = ("intermediate task", "target task", "seed")
    for cell in sorted(selection.places - grid):
        for kind, word, known in zip(names, cell, zip(*sorted(grid), strict=True), strict=True):
            if word not in known:
                hint = nearest(str(word), set(map(str, known))).rstrip(".")
                raise StudyError(
                    f"{where} is the plan of another config: this one has no {kind} '{word}' "
                    f"({hint}); {AGAIN}."
                )
        raise StudyError(
            f"{where} is the plan of another config: this one has no cell "
            f"{'/'.join(map(str, cell))}; {AGAIN}."
        )
    for row, target, seed in sorted(selection.places):
        own = at_fidelity(baseline, row_and_fidelity(row)[1])
        if (own, target, seed) not in selection.places:
            raise StudyError(
                f"{where}: {target} with seed {seed} has no baseline ('{own}'), without which "
                f"there is no gain; {AGAIN}."
            )
