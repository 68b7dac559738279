"""`xstilts plan --gains TABLE`: a plan replayed on a grid that is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.layout import aligned
from xstilts.plan.budgets.best import Search, choose_cells, filled
from xstilts.plan.budgets.bill import Bill, Cell

if TYPE_CHECKING:
    from xstilts.inference.prediction.replay import Grid, Offer

# Shares of the cost that the printed table has.
SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
ORDER = ("plan", "similarity", "most popular", "random rows", "random cells")
SECONDS = 5.0


def replayed(grid: "Grid", problems: Sequence[str], output: Path, steps: int, seed: int) -> str:
    """Write the regrets by strategy and share of the cost to `output`, and say them.

    `problems` are sentences on what was left out of the `grid` or assumed of it.
    """
    from xstilts.inference.prediction.replay import replay, written

    points = written(replay(grid, next_cells, steps, seed), output)
    return said(points, problems, output, len(grid.rows), len(grid.columns))


def next_cells(offer: "Offer") -> list[tuple[int, int]]:
    """The cells that the integer program takes, and those that fill what is left of the money."""
    cells = {Cell(str(row), str(column)): (row, column) for row, column in offer.cells}
    needs = {cell: frozenset({_encoder(cell), _own(cell)}) for cell in cells}
    seconds = {_own(cell): 1.0 for cell in cells}
    seconds |= {_encoder(cell): offer.encoder_price for cell, pair in cells.items()
                if pair[0] not in offer.paid}  # fmt: skip
    scenarios = [dict(zip(cells, worth, strict=True)) for worth in offer.worth.T.tolist()]
    likely = dict(zip(cells, offer.likely.tolist(), strict=True))
    search = Search(list(cells), scenarios, {}, Bill(needs, seconds), offer.budget, likely=likely)
    chosen, _ = choose_cells(search, SECONDS)
    return [cells[cell] for cell in filled(search, chosen)]


def _encoder(cell: Cell) -> str:
    return f"encoder of {cell.intermediate}"


def _own(cell: Cell) -> str:
    return f"{cell.intermediate} on {cell.target}"


def said(
    points: Sequence[Mapping[str, Any]], problems: Sequence[str], output: Path,
    rows: int, columns: int,
) -> str:  # fmt: skip
    """The table on the terminal, and a sentence on half of the cost."""
    regret = {(str(point["strategy"]), round(float(point["share"]), 6)): float(point["regret"])
              for point in points}  # fmt: skip
    strategies = [name for name in ORDER if (name, 1.0) in regret]
    shares = [share for share in SHOWN if ("plan", share) in regret]
    table = [["share of the cost", *strategies]]
    table += [[f"{share:.0%}", *(f"{regret[name, share]:.3f}" for name in strategies)]
              for share in shares]  # fmt: skip
    lines = [
        f"A grid of {rows} sources and {columns} targets. Regret: what is lost against each "
        "target's best source, as a share of what a source drawn at random loses.",
        aligned(table, numbers=range(1, len(table[0]))),
        _verdict(regret, strategies),
        *problems,
        f"All steps: {output}",
    ]
    return "\n".join(filter(None, lines))


def _verdict(regret: Mapping[tuple[str, float], float], strategies: Sequence[str]) -> str:
    if ("plan", 0.5) not in regret:
        return ""
    own = regret["plan", 0.5]
    rivals = [name for name in strategies if name != "plan"]
    better = [name for name in rivals if regret[name, 0.5] <= own]
    if not better:
        return f"At half of the cost the plan loses {own:.3f}, less than every rival."
    return (
        f"At half of the cost the plan loses {own:.3f} and does not beat {' and '.join(better)} "
        f"({', '.join(f'{regret[name, 0.5]:.3f}' for name in better)})."
    )
