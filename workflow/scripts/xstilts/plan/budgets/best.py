"""Which cells to run so that each target's best intermediate is missed by as little as possible.

What is known of gains is a set of scenarios: tables of gains that may be the true one. After a
choice of cells each target takes the best of its measured rows, so that a choice is worth the mean
over scenarios of the sum over targets of that best gain: a facility location program over a sample
of scenarios (sample average approximation: Kleywegt, Shapiro & Homem-de-Mello 2002, SIAM Journal
on Optimization 12). That worth grows ever less with each cell, so that greedy choices are good
(Nemhauser, Wolsey & Fisher 1978), and its relaxation is nearly tight.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulp

from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.solver import CLOSE, FEASIBLE, OPTIMAL, Certificate, hold, relaxed, solve

Scenario = Mapping[Cell, float]
# Share of the time that the relaxation may take.
BOUNDING = 0.4


@dataclass(frozen=True)
class Search:
    """A search for the best intermediate of each target.

    Attributes:
        cells: the candidates, which are not measured.
        scenarios: gain of every candidate, in points, in each scenario.
        known: the best gain that is measured, by target; a target without one takes 0, which is
            the gain of no intermediate.
        bill: what runs cost.
        budget: for what is not there yet.
        paid: runs that are paid in any case, such as baselines.
        likely: the larger, the likelier a cell beats what is known; decides on what no scenario
            has a use for.
    """

    cells: Sequence[Cell]
    scenarios: Sequence[Scenario]
    known: Mapping[str, float]
    bill: Bill
    budget: float
    paid: frozenset[str] = frozenset()
    likely: Mapping[Cell, float] = field(default_factory=dict)

    def cost(self, chosen: Iterable[Cell]) -> float:
        """Of the chosen cells together."""
        return self.bill.of(chosen, self.paid)

    def beyond(self, cell: Cell, scenario: Scenario) -> float:
        """By how much a cell beats what is known of its target, in a scenario."""
        return max(0.0, scenario[cell] - self.known.get(cell.target, 0.0))

    def worth(self, chosen: Collection[Cell]) -> float:
        """Gain beyond what is known: summed over targets, mean over scenarios."""
        total = 0.0
        for scenario in self.scenarios:
            best: dict[str, float] = {}
            for cell in chosen:
                best[cell.target] = max(best.get(cell.target, 0.0), self.beyond(cell, scenario))
            total += sum(best.values())
        return total / max(len(self.scenarios), 1)


def choose_cells(search: Search, seconds: float = 30.0) -> tuple[tuple[Cell, ...], Certificate]:
    """The cells with least expected regret within the budget, and what was proved of them."""
    start = greedy(search)
    value = search.worth(start)
    problem, chosen = _program(search)
    bound = relaxed(problem, seconds * BOUNDING)
    if bound <= value + CLOSE * max(1.0, value):
        return start, Certificate(OPTIMAL, value, value, 0.0, "greedy search")
    _hold(search, problem, chosen, start)
    certificate = solve(problem, seconds * (1 - BOUNDING), start=True)
    if certificate.state in (OPTIMAL, FEASIBLE):
        cells = tuple(cell for cell, variable in chosen.items() if variable.varValue > 0.5)
        if search.cost(cells) <= search.budget * (1 + 1e-6) and search.worth(cells) >= value:
            start, value = cells, search.worth(cells)
    bound = max(value, min(bound, certificate.bound))
    certain = certificate.state == OPTIMAL or bound <= value + CLOSE * max(1.0, value)
    state = OPTIMAL if certain else FEASIBLE
    return start, Certificate(state, value, value if certain else bound, certificate.seconds,
                              certificate.solver)  # fmt: skip


def filled(search: Search, chosen: Sequence[Cell]) -> tuple[Cell, ...]:
    """`chosen`, and for what is left of the budget the cells that most likely beat what is known.

    Scenarios are few, so that none of them may see a cell win that could.
    """
    runs = search.bill.runs(chosen) | search.paid
    left, cells = search.budget - search.cost(chosen), list(chosen)
    rest = set(search.cells) - set(chosen)
    for cell in sorted(rest, key=lambda cell: (-search.likely.get(cell, 0.0), cell)):
        price = search.bill.price(search.bill.needs[cell] - runs)
        if price <= left:
            left -= price
            runs |= search.bill.needs[cell]
            cells.append(cell)
    return tuple(cells)


def better_half(search: Search) -> tuple[Cell, ...]:
    """The candidates that are left of each target after a round of halving: the likelier half."""
    cells: list[Cell] = []
    for target in dict.fromkeys(cell.target for cell in search.cells):
        own = [cell for cell in search.cells if cell.target == target]
        own.sort(key=lambda cell: (-search.likely.get(cell, 0.0), cell))
        cells += own[: math.ceil(len(own) / 2)]
    return tuple(cells)


def greedy(search: Search) -> tuple[Cell, ...]:
    """A good choice: whatever adds most for its price, one cell or several of a row at a time.

    Of a row whose encoder is yet to be trained, cells come together: the encoder is paid for by
    all of them. A choice by worth alone is the other start; the better one stands.
    """
    choices = [_greedy(search, by_price) for by_price in (True, False)]
    return max(choices, key=search.worth)


def _greedy(search: Search, by_price: bool) -> tuple[Cell, ...]:
    state = _Additions(search)
    chosen = list[Cell]()
    runs, spent = set(search.paid), 0.0
    while bundle := _next(search, state, runs, search.budget - spent, by_price):
        chosen += bundle
        asked = set().union(*(search.bill.needs[cell] for cell in bundle)) - runs
        spent += search.bill.price(asked)
        runs |= asked
        state.take(bundle)
    return tuple(chosen)


class _Additions:
    """What each cell that is left would add, summed over scenarios.

    A cell that is taken changes what others of its target add, and no other's.
    """

    def __init__(self, search: Search) -> None:
        self.beyond = {
            cell: [search.beyond(cell, scenario) for scenario in search.scenarios]
            for cell in sorted(search.cells)
        }
        self.best = {cell.target: [0.0] * len(search.scenarios) for cell in search.cells}
        self.adds = {cell: sum(values) for cell, values in self.beyond.items()}

    def take(self, bundle: Collection[Cell]) -> None:
        """Choose these cells."""
        for cell in bundle:
            best, own = self.best[cell.target], self.beyond[cell]
            self.best[cell.target] = [max(pair) for pair in zip(best, own, strict=True)]
            del self.adds[cell]
        changed = {cell.target for cell in bundle}
        for cell in [cell for cell in self.adds if cell.target in changed]:
            best, own = self.best[cell.target], self.beyond[cell]
            adds = sum(value - held for value, held in zip(own, best, strict=True) if value > held)
            self.adds[cell] = adds

    def rows(self) -> list[list[tuple[float, Cell]]]:
        """The cells that add something by row and seed, those that add most first."""
        by_row: dict[tuple[str, int], list[tuple[float, Cell]]] = {}
        for cell, adds in self.adds.items():
            if adds > 0:
                by_row.setdefault((cell.intermediate, cell.seed), []).append((adds, cell))
        return [sorted(own, key=lambda item: (-item[0], item[1])) for own in by_row.values()]


def _next(
    search: Search, state: _Additions, runs: set[str], budget: float, by_price: bool
) -> tuple[Cell, ...]:
    """The bundle of cells of one row and seed that adds most (for its price)."""
    winner: tuple[Cell, ...] = ()
    highest = 0.0
    for own in state.rows():
        total, price = 0.0, 0.0
        bundle, asked = list[Cell](), set[str]()
        for adds, cell in own:
            new = search.bill.needs[cell] - runs - asked
            price += search.bill.price(new)
            if price > budget * (1 + 1e-9):
                break
            bundle.append(cell)
            total += adds
            asked |= new
            score = total / max(price, 1e-9) if by_price else adds
            if score > highest:
                winner, highest = tuple(bundle), score
    return winner


def _program(search: Search) -> tuple[pulp.LpProblem, dict[Cell, pulp.LpVariable]]:
    problem = pulp.LpProblem("cells", pulp.LpMaximize)
    chosen = {cell: problem.add_variable(f"cell{position}", 0, 1, pulp.LpInteger)
              for position, cell in enumerate(search.cells)}  # fmt: skip
    terms = []
    for number, scenario in enumerate(search.scenarios):
        taken: dict[str, list[pulp.LpVariable]] = {}
        for position, cell in enumerate(search.cells):
            beyond = search.beyond(cell, scenario)
            if beyond > 0:
                takes = problem.add_variable(_taking(number, position), 0, 1)
                problem += takes <= chosen[cell]
                taken.setdefault(cell.target, []).append(takes)
                terms.append((takes, beyond / len(search.scenarios)))
        for own in taken.values():
            problem += pulp.lpSum(own) <= 1
    problem.setObjective(pulp.LpAffineExpression(terms))
    unpaid = {cell: search.bill.needs[cell] - search.paid for cell in search.cells}
    problem += search.bill.in_program(problem, chosen, unpaid) <= search.budget
    return problem, chosen


def _taking(scenario: int, position: int) -> str:
    return f"takes{scenario}_{position}"


def _hold(
    search: Search,
    problem: pulp.LpProblem,
    chosen: Mapping[Cell, pulp.LpVariable],
    start: Collection[Cell],
) -> None:
    """Give the variables the values of a choice."""
    by_name = hold(problem, chosen, start)
    positions = {cell: position for position, cell in enumerate(search.cells)}
    for number, scenario in enumerate(search.scenarios):
        best: dict[str, Cell] = {}
        for cell in start:
            held = best.get(cell.target)
            if held is None or scenario[cell] > scenario[held]:
                best[cell.target] = cell
        for cell in best.values():
            if (name := _taking(number, positions[cell])) in by_name:
                by_name[name].varValue = 1.0
