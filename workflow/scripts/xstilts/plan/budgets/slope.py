"""Which rows show the similarity slope best for a given cost.

For each number of rows that the budget may allow, an integer program over pairs of rows; an
exchange search gives it a choice to begin with, and stands where the program runs out of time.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pulp

from xstilts.plan.budgets.bill import Bill
from xstilts.plan.budgets.information import information
from xstilts.plan.budgets.solver import (
    CLOSE,
    FEASIBLE,
    INFEASIBLE,
    NOTHING,
    OPTIMAL,
    Certificate,
    hold,
    relaxed,
    solve,
)

FEWEST_ROWS = 3
# Share of the time that bounds of the single numbers of rows may take.
BOUNDING = 0.25
# Seconds of a relaxation at most.
ONE_BOUND = 10.0


@dataclass(frozen=True)
class Rows:
    """Candidates among which rows are chosen.

    Attributes:
        names: the candidates.
        distance: squared distance between the profiles of any two of them, in their order.
        runs: the runs that each asks for, all its columns together.
        bill: what runs cost.
        budget: for the rows, without what is paid in any case.
        paid: runs that are paid in any case.
        families: of the candidates; one that is not named is a family of its own.
        most: rows of one family at most; None for no such limit.
        forced: rows that are in every choice.
        fewest: rows that a choice has at least.
    """

    names: Sequence[str]
    distance: Mapping[tuple[str, str], float]
    runs: Mapping[str, frozenset[str]]
    bill: Bill
    budget: float
    paid: frozenset[str] = frozenset()
    families: Mapping[str, str] | None = None
    most: int | None = None
    forced: tuple[str, ...] = ()
    fewest: int = FEWEST_ROWS

    def cost(self, chosen: Collection[str]) -> float:
        """Of the chosen rows together."""
        runs = {run for row in chosen for run in self.runs[row]}
        return self.bill.price(runs - self.paid)

    def alone(self, row: str) -> float:
        """Of one row, if no other shares its runs."""
        return self.cost([row])

    def family(self, row: str) -> str:
        """The family of a row."""
        return (self.families or {}).get(row, row)

    def allowed(self, chosen: Collection[str]) -> bool:
        """Whether a choice is within budget and quotas."""
        counts = Counter(map(self.family, chosen))
        within = self.most is None or all(count <= self.most for count in counts.values())
        return within and self.cost(chosen) <= self.budget * (1 + 1e-9)

    def worth(self, chosen: Collection[str]) -> float:
        """Information of a choice."""
        return information(self.distance, chosen)


def choose_rows(rows: Rows, seconds: float = 30.0) -> tuple[tuple[str, ...], Certificate]:
    """The rows with most information within budget and quotas, and what was proved of them.

    The choice is empty, and the state `infeasible`, where not even the fewest rows are affordable.
    """
    began = time.monotonic()
    best = exchange(rows)
    value = rows.worth(best) if best else float("-inf")
    bounds = _bounds(rows, seconds * BOUNDING)
    proved: list[float] = [] if bounds else [float("-inf")]
    solver = "exchange search"
    for number, bound in sorted(bounds.items(), key=lambda item: -item[1]):
        left = seconds - (time.monotonic() - began)
        if bound <= value + CLOSE * max(1.0, abs(value)) or left <= 0:
            proved.append(bound)
            continue
        chosen, certificate = _with_number(rows, number, left, best if len(best) == number else ())
        proved.append(certificate.bound)
        solver = certificate.solver
        if chosen and rows.worth(chosen) > value:
            best, value = chosen, rows.worth(chosen)
    bound = max(value, *proved)
    certain = bound <= value + CLOSE * max(1.0, abs(value))
    state = (OPTIMAL if certain else FEASIBLE) if best else (INFEASIBLE if certain else NOTHING)
    took = time.monotonic() - began
    return tuple(sorted(best, key=list(rows.names).index)), Certificate(
        state, value, value if certain else bound, took, solver
    )


def _bounds(rows: Rows, seconds: float) -> dict[int, float]:
    """Bounds on the information of each number of rows that a best choice may have."""
    began = time.monotonic()
    bounds = {}
    for number in _numbers(rows):
        left = seconds - (time.monotonic() - began)
        problem, _ = _program(rows, number)
        bounds[number] = relaxed(problem, min(ONE_BOUND, left)) if left > 0 else float("inf")
    return {number: bound for number, bound in bounds.items() if bound > float("-inf")}


def _numbers(rows: Rows) -> range:
    """Numbers of rows, from the largest down. A row more never takes information away.

    So a best choice has rows until the next does not fit: what it leaves of the budget is less
    than the dearest row, or every family is at its quota.
    """
    prices = sorted(rows.alone(row) for row in rows.names)
    sizes = Counter(map(rows.family, rows.names)).values()
    most = sum(min(size, rows.most or size) for size in sizes)
    highest = min(most, affordable(rows))
    dearest = max(prices, default=0.0)
    lowest = highest if dearest == 0 else min(highest, max(0, math.floor(rows.budget / dearest)))
    return range(highest, max(rows.fewest, lowest, len(rows.forced)) - 1, -1)


def affordable(rows: Rows) -> int:
    """No more rows than these are within the budget, whichever they are."""
    number, spent, shares = 0, 0.0, _shared(rows)
    for price in sorted(rows.alone(row) for row in rows.names):
        spent += price - shares
        if spent > rows.budget * (1 + 1e-9):
            break
        number += 1
    return number


def _shared(rows: Rows) -> float:
    """What a row may save at most by sharing runs with others."""
    counts = Counter(run for row in rows.names for run in rows.runs[row] - rows.paid)
    shared = {run for run, count in counts.items() if count > 1}
    return max((rows.bill.price(rows.runs[row] & shared) for row in rows.names), default=0.0)


def _program(rows: Rows, number: int) -> tuple[pulp.LpProblem, dict[str, pulp.LpVariable]]:
    """The program for so many rows: a product of two 0/1 variables is a variable of its own.

    A chosen row stands in exactly `number - 1` chosen pairs, which makes the relaxation tight.
    """
    problem = pulp.LpProblem("rows", pulp.LpMaximize)
    chosen = {row: problem.add_variable(f"row{position}", 0, 1, pulp.LpInteger)
              for position, row in enumerate(rows.names)}  # fmt: skip
    pairs = {pair: problem.add_variable(f"pair{position}", 0, 1)
             for position, pair in enumerate(rows.distance)}  # fmt: skip
    problem.setObjective(
        pulp.LpAffineExpression(
            (pairs[pair], value / number) for pair, value in rows.distance.items()
        )
    )
    problem += pulp.lpSum(chosen.values()) == number
    for row in rows.names:
        own = [pairs[pair] for pair in pairs if row in pair]
        problem += pulp.lpSum(own) == (number - 1) * chosen[row]
    for pair, both in pairs.items():
        for row in pair:
            problem += both <= chosen[row]
    unpaid = {row: rows.runs[row] - rows.paid for row in rows.names}
    problem += rows.bill.in_program(problem, chosen, unpaid) <= rows.budget
    if rows.most is not None:
        for family in sorted(set(map(rows.family, rows.names))):
            members = [chosen[row] for row in rows.names if rows.family(row) == family]
            if len(members) > rows.most:
                problem += pulp.lpSum(members) <= rows.most
    for row in rows.forced:
        problem += chosen[row] == 1
    return problem, chosen


def _with_number(
    rows: Rows, number: int, seconds: float, start: Collection[str]
) -> tuple[tuple[str, ...], Certificate]:
    problem, chosen = _program(rows, number)
    if start:
        _hold(problem, rows, chosen, start)
    certificate = solve(problem, seconds, start=bool(start))
    if certificate.state not in (OPTIMAL, FEASIBLE):
        return (), certificate
    return tuple(row for row, variable in chosen.items() if variable.varValue > 0.5), certificate


def _hold(
    problem: pulp.LpProblem,
    rows: Rows,
    chosen: Mapping[str, pulp.LpVariable],
    start: Collection[str],
) -> None:
    """Give the variables the values of a choice."""
    by_name = hold(problem, chosen, start)
    for position, (first, second) in enumerate(rows.distance):
        by_name[f"pair{position}"].varValue = float(first in start and second in start)


def exchange(rows: Rows) -> tuple[str, ...]:
    """A good choice by adding the best row and then exchanging one row for one or two others.

    Fedorov's exchange (1972, *Theory of Optimal Experiments*), from two starts: by information,
    and by information for the price.
    """
    starts = [_greedy(rows, lambda gain, _: gain), _greedy(rows, lambda gain, cost: gain / cost)]
    choices = [_exchanged(rows, start) for start in starts]
    good = [each for each in choices if len(each) >= rows.fewest]
    return max(good, key=rows.worth, default=())


def _greedy(rows: Rows, score: Callable[[float, float], float]) -> tuple[str, ...]:
    chosen = rows.forced or _first_pair(rows)
    while options := [
        (*chosen, row) for row in rows.names if row not in chosen and rows.allowed((*chosen, row))
    ]:
        before, paid = rows.worth(chosen), rows.cost(chosen)
        chosen = max(
            options,
            key=lambda each: score(rows.worth(each) - before, max(rows.cost(each) - paid, 1e-9)),
        )
    return tuple(chosen)


def _first_pair(rows: Rows) -> tuple[str, ...]:
    pairs = [pair for pair in rows.distance if rows.allowed(pair)]
    return max(pairs, key=rows.distance.__getitem__, default=())


def _exchanged(rows: Rows, chosen: tuple[str, ...]) -> tuple[str, ...]:
    while True:
        kept = [[row for row in chosen if row != out] for out in chosen if out not in rows.forced]
        outside = [row for row in rows.names if row not in chosen]
        options = [(*rest, row) for rest in kept for row in outside]
        options += [(*chosen, row) for row in outside]
        better = [
            each for each in options
            if rows.worth(each) > rows.worth(chosen) + CLOSE and rows.allowed(each)
        ]  # fmt: skip
        if not better:
            return chosen
        chosen = max(better, key=rows.worth)
