"""The few intermediate encoders that serve many targets best: an uncapacitated k-median program.

Each target (in each language) takes the best kept encoder, or none, whose gain is zero (Cornuejols,
Fisher & Nemhauser 1977, Management Science 23, on locating bank accounts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pulp

from xstilts.plan.budgets.solver import FEASIBLE, OPTIMAL, Certificate, solve

NONE = "none"


class Use(NamedTuple):
    """Where an encoder is put to use."""

    target: str
    language: str


@dataclass(frozen=True)
class Kept:
    """The encoders that are kept.

    Attributes:
        names: the encoders.
        serves: which of them, or `none`, each use takes.
        lost: what each use loses against having all, in points.
        certificate: of the choice.
    """

    names: tuple[str, ...]
    serves: dict[Use, str]
    lost: dict[Use, float]
    certificate: Certificate


def keep(gains: Mapping[Use, Mapping[str, float]], count: int, seconds: float = 30.0) -> Kept:
    """The `count` encoders with the largest sum of gains, where each use takes its best one.

    Args:
        gains: by use and encoder, in points, over no intermediate task.
        count: encoders to keep at most.
        seconds: after which the best choice so far is taken.
    """
    encoders = sorted({name for own in gains.values() for name in own})
    problem = pulp.LpProblem("keep", pulp.LpMaximize)
    kept = [problem.add_variable(f"keep{position}", 0, 1, pulp.LpInteger)
            for position in range(len(encoders))]  # fmt: skip
    problem += pulp.lpSum(kept) <= count
    terms = []
    for number, use in enumerate(sorted(gains)):
        own = []
        for position, name in enumerate(encoders):
            if gains[use].get(name, 0.0) > 0:
                takes = problem.add_variable(f"takes{number}_{position}", 0, 1)
                problem += takes <= kept[position]
                own.append(takes)
                terms.append((takes, gains[use][name]))
        if own:
            problem += pulp.lpSum(own) <= 1
    problem.setObjective(pulp.LpAffineExpression(terms))
    certificate = solve(problem, seconds)
    names = tuple(
        name
        for name, variable in zip(encoders, kept, strict=True)
        if certificate.state in (OPTIMAL, FEASIBLE) and variable.varValue > 0.5
    )
    names = _useful(names, gains)
    serves = {use: _best(own, names) for use, own in gains.items()}
    lost = {use: _gain(own, _best(own, encoders)) - _gain(own, serves[use])
            for use, own in gains.items()}  # fmt: skip
    return Kept(names, serves, lost, certificate)


def _useful(names: Sequence[str], gains: Mapping[Use, Mapping[str, float]]) -> tuple[str, ...]:
    """Those that some use takes: an encoder more than is needed is of no use."""
    taken = {_best(own, names) for own in gains.values()}
    return tuple(name for name in names if name in taken)


def _best(own: Mapping[str, float], names: Sequence[str]) -> str:
    """The encoder with the largest gain, `none` where no gain is positive."""
    best = max(names, key=lambda name: own.get(name, float("-inf")), default=NONE)
    return best if own.get(best, 0.0) > 0 else NONE


def _gain(own: Mapping[str, float], name: str) -> float:
    return 0.0 if name == NONE else own[name]
