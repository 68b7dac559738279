"""Cells that cover a grid evenly: so many of every row, column and class of languages.

Quotas are held where they can be; beyond them, the budget goes where least is covered, each
further cell of a group counting less than the one before (1, 1/2, 1/3, ...), which is what fills
groups evenly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulp

from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.solver import Certificate, solve

# A group more covered than this counts no further cell.
MOST = 40


@dataclass(frozen=True)
class Coverage:
    """What is to be covered.

    Attributes:
        cells: the candidates.
        groups: members of each group: rows, columns, classes of languages.
        quotas: cells that a group must have, by its name.
        bill: what runs cost.
        budget: for what is not there yet.
        paid: runs that are paid in any case.
    """

    cells: Sequence[Cell]
    groups: Mapping[str, Sequence[Cell]]
    quotas: Mapping[str, int]
    bill: Bill
    budget: float
    paid: frozenset[str] = frozenset()


def cover(coverage: Coverage, seconds: float = 30.0) -> tuple[tuple[Cell, ...], Certificate]:
    """The cells that cover most evenly within the budget; none where quotas cannot be held."""
    problem, chosen, cost = _program(coverage)
    problem += cost <= coverage.budget
    certificate = solve(problem, seconds)
    return _chosen(chosen, certificate), certificate


def cheapest(coverage: Coverage, seconds: float = 30.0) -> float:
    """What holding all quotas costs at least; infinite where no choice holds them."""
    problem, _, cost = _program(coverage)
    problem.setObjective(-1 * cost)
    certificate = solve(problem, seconds)
    return -certificate.bound


def _program(
    coverage: Coverage,
) -> tuple[pulp.LpProblem, dict[Cell, pulp.LpVariable], pulp.LpAffineExpression]:
    problem = pulp.LpProblem("coverage", pulp.LpMaximize)
    chosen = {cell: problem.add_variable(f"cell{number}", 0, 1, pulp.LpInteger)
              for number, cell in enumerate(coverage.cells)}  # fmt: skip
    terms = []
    for number, (name, members) in enumerate(coverage.groups.items()):
        own = [chosen[cell] for cell in members if cell in chosen]
        quota = coverage.quotas.get(name, 0)
        if quota:
            problem += pulp.lpSum(own) >= quota
        steps = [problem.add_variable(f"step{number}_{step}", 0, 1)
                 for step in range(min(len(own), MOST))]  # fmt: skip
        terms += [(variable, 1 / (step + 1)) for step, variable in enumerate(steps)]
        if steps:
            problem += pulp.lpSum(steps) <= pulp.lpSum(own)
    problem.setObjective(pulp.LpAffineExpression(terms))
    unpaid = {cell: coverage.bill.needs[cell] - coverage.paid for cell in coverage.cells}
    return problem, chosen, coverage.bill.in_program(problem, chosen, unpaid)


def _chosen(chosen: Mapping[Cell, pulp.LpVariable], certificate: Certificate) -> tuple[Cell, ...]:
    if certificate.value == float("-inf"):
        return ()
    return tuple(cell for cell, variable in chosen.items() if variable.varValue > 0.5)
