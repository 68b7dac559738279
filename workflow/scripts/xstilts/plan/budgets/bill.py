"""What cells cost together: each run that any of them needs is paid once.

An intermediate encoder serves all cells of its row, one fine-tune serves XQuAD and MLQA, prepared
data serve every seed; a finished run costs nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pulp

Item = TypeVar("Item", bound=Hashable)


class Cell(NamedTuple):
    """A place in the grid."""

    intermediate: str
    target: str
    seed: int = 1


@dataclass(frozen=True)
class Bill:
    """The runs behind cells, and what each costs.

    Attributes:
        needs: the runs that a cell waits for, its own among them.
        seconds: what each run costs; one that is not named (a finished one) costs nothing.
        unknown: runs whose cost nobody knows, which count as nothing.
    """

    needs: Mapping[Cell, frozenset[str]]
    seconds: Mapping[str, float]
    unknown: frozenset[str] = field(default=frozenset())

    def runs(self, cells: Iterable[Cell]) -> set[str]:
        """All runs that `cells` wait for."""
        return {run for cell in cells for run in self.needs[cell]}

    def price(self, runs: Iterable[str]) -> float:
        """Cost of different runs together."""
        return sum(self.seconds.get(run, 0.0) for run in sorted(set(runs)))

    def of(self, cells: Iterable[Cell], paid: Collection[str] = ()) -> float:
        """Cost of `cells` together, without the runs that are paid already."""
        return self.price(self.runs(cells) - set(paid))

    def is_free(self, cell: Cell) -> bool:
        """Whether all that a cell needs is there."""
        return not any(self.seconds.get(run, 0.0) or run in self.unknown
                       for run in self.needs[cell])  # fmt: skip

    def in_program(
        self,
        problem: pulp.LpProblem,
        chosen: Mapping[Item, pulp.LpVariable],
        runs_of: Mapping[Item, frozenset[str]],
    ) -> pulp.LpAffineExpression:
        """The cost of what is chosen, as an expression of an integer program.

        `chosen` are its 0/1 variables, `runs_of` the runs that each of them asks for. Runs that
        the same variables ask for are one item; an item of several variables has a variable of its
        own, which is at least as large as each of them.
        """
        askers: dict[str, list[Item]] = defaultdict(list)
        for key in chosen:
            for run in runs_of[key]:
                askers[run].append(key)
        items: dict[tuple[Item, ...], float] = defaultdict(float)
        for run in sorted(askers):
            items[tuple(askers[run])] += self.seconds.get(run, 0.0)
        terms = []
        for number, (keys, price) in enumerate(items.items()):
            if len(keys) == 1:
                terms.append((chosen[keys[0]], price))
            elif price > 0:
                paid = problem.add_variable(f"paid{number}", 0, 1)
                for key in keys:
                    problem += paid >= chosen[key]
                terms.append((paid, price))
        return pulp.LpAffineExpression(terms)
