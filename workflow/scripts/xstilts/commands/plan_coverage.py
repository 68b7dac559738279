"""A plan that covers a grid: rows, targets and classes of languages evenly, or by quota."""

import csv
from collections import defaultdict

from xstilts.commands.plan_choice import (
    Choice,
    Wish,
    baselines,
    is_baseline,
    too_small,
    with_baselines,
)
from xstilts.core.errors import StudyError, nearest
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.coverage import Coverage, cheapest, cover
from xstilts.plan.budgets.solver import NOTHING
from xstilts.plan.encoders import AnyStudy

LANGUAGES = "resources/languages.tsv"


def choose(study: AnyStudy, wish: Wish, bill: Bill) -> Choice:
    """The cells that cover most evenly.

    Raises:
        StudyError: the budget cannot hold the quotas, or a quota names no group.
    """
    seed = study.config["seeds"][0]
    base = frozenset(bill.runs(baselines(study, seed)))
    cells = [cell for cell in bill.needs if not is_baseline(cell) and cell.seed == seed]
    groups = _groups(study, cells)
    for name, quota in wish.quotas.items():
        if name not in groups:
            raise StudyError(f"--quota: there is no group '{name}'; {nearest(name, groups)}")
        if quota > len(groups[name]):
            raise StudyError(
                f"--quota {name}={quota}: the grid has {len(groups[name])} such cells."
            )
    own = Coverage(cells, groups, wish.quotas, bill, wish.hours - bill.price(base), base)
    chosen, certificate = cover(own, wish.seconds)
    if not chosen:
        least = bill.price(base) + cheapest(own, wish.seconds)
        if certificate.state == NOTHING:
            raise StudyError(f"no plan was found in {wish.seconds:g} s: give more --seconds.")
        raise too_small(study, wish, least, "the baseline with every quota held")
    reasons = {cell: "covers " + ", ".join(_of(groups, cell)) for cell in chosen}
    counts = {name: len(set(members) & set(chosen)) for name, members in groups.items()}
    rare = sorted(counts, key=lambda name: (counts[name], name))[:4]
    notes = [f"Least covered: {', '.join(f'{name} ({counts[name]} cells)' for name in rare)}."]
    return Choice(with_baselines(bill, reasons), certificate, notes)


def _groups(study: AnyStudy, cells: list[Cell]) -> dict[str, list[Cell]]:
    """Cells by row, by target, and by class of languages (Joshi et al. 2020) that they test."""
    classes = _classes(study)
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.intermediate].append(cell)
        groups[cell.target].append(cell)
        for name in sorted(
            {classes[code] for code in study.languages[cell.target] if code in classes}
        ):
            groups[name].append(cell)
    return dict(groups)


def _classes(study: AnyStudy) -> dict[str, str]:
    with (study.root / LANGUAGES).open(encoding="utf-8", newline="") as stream:
        return {
            row["language"]: f"class{row['joshi_class']}"
            for row in csv.DictReader(stream, delimiter="\t")
            if row["joshi_class"]
        }


def _of(groups: dict[str, list[Cell]], cell: Cell) -> list[str]:
    return [name for name, members in groups.items() if cell in members]
