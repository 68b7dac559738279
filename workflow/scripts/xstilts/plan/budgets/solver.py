"""Integer programs through PuLP: HiGHS solves them, or else the CBC that PuLP brings.

What was proved is read from `sol_status` and the bound. `status` alone is no certificate: PuLP
calls a program "Optimal" that stopped at its time limit with any solution.
"""

import os
import sys
import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import pulp

OPTIMAL, FEASIBLE, INFEASIBLE, NOTHING = "optimal", "feasible", "infeasible", "nothing found"
STATES = {
    pulp.LpSolutionOptimal: OPTIMAL,
    pulp.LpSolutionIntegerFeasible: FEASIBLE,
    pulp.LpSolutionInfeasible: INFEASIBLE,
    pulp.LpSolutionUnbounded: NOTHING,
    pulp.LpSolutionNoSolutionFound: NOTHING,
}
# Values nearer than this to each other count as equal: solvers round.
CLOSE = 1e-6
Choosable = TypeVar("Choosable", bound=Hashable)


@dataclass(frozen=True)
class Certificate:
    """How good a choice is known to be. All values are of what is made as large as possible.

    Attributes:
        state: optimal, feasible, infeasible or nothing found.
        value: of the choice.
        bound: no choice is worth more; infinite where nothing was proved.
        seconds: that the search took.
        solver: who searched.
    """

    state: str
    value: float
    bound: float
    seconds: float
    solver: str

    @property
    def gap(self) -> float:
        """The share by which a better choice could at most be better."""
        if self.state == OPTIMAL:
            return 0.0
        lacking = max(0.0, self.bound - self.value)
        return lacking / max(abs(self.value), 1e-12)

    def __str__(self) -> str:
        by = f"by {self.solver} in {self.seconds:.0f} s"
        if self.state == OPTIMAL:
            return f"proved optimal {by}"
        if self.bound == float("inf"):
            return f"not proved optimal {by}, and no bound is known"
        return f"not proved optimal {by}: a better choice is at most {self.gap:.1%} better"


def hold(
    problem: pulp.LpProblem,
    chosen: Mapping[Choosable, pulp.LpVariable],
    start: Iterable[Choosable],
) -> dict[str, pulp.LpVariable]:
    """Give `chosen` the values of the choice `start`, and all other variables 0.

    Shared runs too: paid for is never wrong but for the budget, which the solver mends. Returns all
    variables by name, for those that follow from the choice.
    """
    by_name = {variable.name: variable for variable in problem.variables()}
    for variable in by_name.values():
        variable.varValue = 0.0
    for each in start:
        chosen[each].varValue = 1.0
    return by_name


def solve(problem: pulp.LpProblem, seconds: float, start: bool = False) -> Certificate:
    """Solve a maximisation within `seconds`; its variables then hold the choice.

    Args:
        problem: the program.
        seconds: after which the best choice so far is taken.
        start: whether the variables hold a choice to begin with.
    """
    began = time.monotonic()
    solver = _highs(seconds, start) or pulp.PULP_CBC_CMD(
        msg=False, timeLimit=seconds, threads=1, warmStart=start, keepFiles=False
    )
    problem.solve(solver)
    state = STATES[problem.sol_status]
    value = pulp.value(problem.objective) if state in (OPTIMAL, FEASIBLE) else float("-inf")
    bound = value if state == OPTIMAL else _bound(problem)
    return Certificate(state, value, bound, time.monotonic() - began, solver.name)


def relaxed(problem: pulp.LpProblem, seconds: float) -> float:
    """A bound on a maximisation from its linear relaxation; infinite where it takes too long."""
    solver = _highs(seconds, start=False, whole=False) or pulp.PULP_CBC_CMD(
        mip=False, msg=False, timeLimit=seconds, threads=1
    )
    problem.solve(solver)
    if problem.sol_status == pulp.LpSolutionInfeasible:
        return float("-inf")
    return pulp.value(problem.objective) if problem.sol_status == 1 else float("inf")


def _bound(problem: pulp.LpProblem) -> float:
    """What the solver proved; CBC does not tell PuLP, so that the relaxation has to do."""
    if problem.sol_status == pulp.LpSolutionInfeasible:
        return float("-inf")
    model = getattr(problem, "solverModel", None)
    if model is None:
        held = [(variable, variable.varValue) for variable in problem.variables()]
        bound = relaxed(problem, 30)
        for variable, value in held:
            variable.varValue = value
        return bound
    return -float(model.getInfo().mip_dual_bound)


def _highs(seconds: float, start: bool, whole: bool = True) -> pulp.LpSolver | None:
    """HiGHS, which begins with the variables' values if asked; None where it is not installed."""
    if not pulp.HiGHS(msg=False).available():
        return None
    _without_banner()
    kind = _Started if start else pulp.HiGHS
    return kind(
        mip=whole, msg=False, timeLimit=seconds, threads=1, random_seed=1, log_to_console=False
    )


@cache
def _without_banner() -> None:
    """Make HiGHS say its name into nothing: it does so before it can be told not to."""
    import highspy

    sys.stdout.flush()
    shown, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        highspy.Highs()
    finally:
        os.dup2(shown, 1)
        os.close(shown)
        os.close(nothing)


class _Started(pulp.HiGHS):
    """HiGHS from a given choice, which PuLP cannot hand over."""

    def callSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802, PuLP's own name
        import highspy

        solution = highspy.HighsSolution()
        solution.col_value = [variable.varValue or 0.0 for variable in lp.variables()]
        lp.solverModel.setSolution(solution)
        lp.solverModel.run()
