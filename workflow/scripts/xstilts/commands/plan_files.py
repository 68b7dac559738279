"""plan.tsv, plan.yaml, and what the terminal says of a plan."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from xstilts.commands.plan_choice import Choice, Wish, full_cells, unit
from xstilts.core.files import write_text
from xstilts.core.layout import aligned, listed
from xstilts.core.tsv import write_tsv
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.encoders import AnyStudy

COLUMNS = ("intermediate", "target", "seed", "cost_gpu_hours", "reason")
HEAD = """\
# Made by `xstilts plan`. With `selection: {path}`
# in the config, of the grid only these cells run.
"""


def write_plan(study: AnyStudy, wish: Wish, choice: Choice, bill: Bill) -> None:
    """Write plan.tsv (a row per cell) and plan.yaml (for the config) among the study's tables."""
    prices = prices_of(choice, bill)
    rows = [
        {**cell._asdict(), "cost_gpu_hours": prices[cell], "reason": reason}
        for cell, reason in choice.reasons.items()
    ]
    write_tsv(study.tables / "plan.tsv", COLUMNS, rows, numbers=".6g")
    path = study.tables / "plan.yaml"
    body = yaml.safe_dump(_yaml(study, wish, choice, bill), sort_keys=False, width=100)
    write_text(path, HEAD.format(path=path.as_posix()) + body)


def prices_of(choice: Choice, bill: Bill) -> dict[Cell, float]:
    """What each cell costs beyond those before it, in hours; an encoder goes to its first cell."""
    prices, paid = {}, set[str]()
    for cell in choice.reasons:
        prices[cell] = bill.of([cell], paid)
        paid |= bill.needs[cell]
    return prices


def _yaml(study: AnyStudy, wish: Wish, choice: Choice, bill: Bill) -> dict[str, Any]:
    cells: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for cell in choice.reasons:
        cells[cell.intermediate][cell.target].append(cell.seed)
    return {
        "study": study.config["study"],
        "for": wish.purpose,
        "unit": unit(study),
        "budget": wish.hours,
        "cost": round(bill.of(choice.reasons), 6),
        "whole_grid": round(bill.of(full_cells(bill)), 6),
        "left": round(choice.left, 6),
        "certificate": str(choice.certificate),
        "notes": list(choice.notes),
        "exchanges": [{key: _plain(value) for key, value in row.items()}
                      for row in choice.exchanges],
        "cells": {row: {target: sorted(seeds) for target, seeds in own.items()}
                  for row, own in cells.items()},
    }  # fmt: skip


def _plain(value: float) -> float | None:
    """Four digits; nothing where there is no number."""
    return None if math.isnan(value) else float(f"{value:.4g}")


def said(study: AnyStudy, wish: Wish, choice: Choice, bill: Bill) -> str:
    """The plan on the terminal: rows, costs, certificate, notes, exchanges."""
    cost, whole = bill.of(choice.reasons), bill.of(full_cells(bill))
    share = f", {cost / whole:.0%} of what the whole grid still costs" if whole else ""
    lines = [
        f"A plan for {wish.purpose}: {len(choice.reasons)} of {len(bill.needs)} cells for "
        f"{cost:.3g} of {wish.hours:g} {unit(study)}{share}.",
        f"The choice is {choice.certificate}.",
        aligned(_rows(choice, bill), numbers=(2, 3)),
        *choice.notes,
    ]
    if choice.exchanges:
        lines += [_EXCHANGES, aligned(_exchange_rows(choice.exchanges, unit(study)), range(7))]
    lines.append(
        f"Cells: {study.tables / 'plan.tsv'}. To run them: selection: {study.tables / 'plan.yaml'} "
        "in the config."
    )
    return "\n".join(lines)


_EXCHANGES = (
    "Rows or seeds, at about this cost; standard error and power (at slopes of 0.3 and 0.5 "
    "standard deviations of gain per one of similarity) by simulation, with assumed components:"
)


def _exchange_rows(exchanges: Sequence[Mapping[str, float]], hours: str) -> list[list[str]]:
    head = ["rows", "targets", "seeds", hours, "standard error", "power 0.3", "power 0.5"]
    return [head] + [
        [f"{row['rows']}", f"{row['targets']}", f"{row['seeds']}", f"{row['gpu_hours']:.3g}",
         f"{row['standard_error']:.3f}", f"{row['power_0.3']:.0f} %", f"{row['power_0.5']:.0f} %"]
        for row in exchanges
    ]  # fmt: skip


def _rows(choice: Choice, bill: Bill) -> list[list[str]]:
    prices = prices_of(choice, bill)
    by_row: dict[str, list[Cell]] = defaultdict(list)
    for cell in choice.reasons:
        by_row[cell.intermediate].append(cell)
    table = [["row", "targets", "cells", "hours", "why"]]
    for row, cells in by_row.items():
        targets = list(dict.fromkeys(cell.target for cell in cells))
        hours = sum(prices[cell] for cell in cells)
        reasons = list(dict.fromkeys(choice.reasons[cell] for cell in cells))
        why = reasons[0] if len(reasons) == 1 else f"{len(reasons)} reasons, see plan.tsv"
        table.append([row, listed(targets), str(len(cells)), f"{hours:.3g}", why])
    return table
