"""Which tasks may change places, and random orders in which they do.

Relabelling tests what would be if tasks carried each other's names. It is exact where the tasks
that change places are exchangeable, so members of a family move within it, and whole families
change places with families of the same size. A task on both sides of a table (every source is a
target too) is one task: it moves on both sides at once, and pairs of a task with itself stay
such pairs (quadratic assignment: Hubert 1987, Assignment Methods in Combinatorial Data Analysis).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial

import numpy as np


@dataclass(frozen=True)
class Labels:
    """The tasks of a matrix of pairs, in the order of its rows and of its columns.

    Names on both sides are one task. Families are "" where none are known.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    row_families: Sequence[str]
    column_families: Sequence[str]

    @classmethod
    def unknown(cls, shape: tuple[int, int]) -> "Labels":
        """Different tasks on both sides, of no known family."""
        rows, columns = (
            [f"{side}{k}" for k in range(n)] for side, n in zip("rc", shape, strict=True)
        )
        return cls(rows, columns, [""] * shape[0], [""] * shape[1])


@dataclass(frozen=True)
class _Task:
    """Its row and column (None on a side where it is not), and its family."""

    row: int | None
    column: int | None
    family: str


class Relabelling:
    """The relabellings that keep the holes of a matrix where they are.

    A task that lacks a pair keeps its place; so does, in a table with tasks on both sides, a task
    whose pair with itself is there while others' is not.

    Attributes:
        rows, columns: places of the tasks that may move.
        count: how many relabellings there are.
    """

    def __init__(self, labels: Labels, seen: np.ndarray) -> None:
        self._tasks = list(_tasks(labels))
        free = _free(self._tasks, seen)
        self._blocks = list(_blocks(self._tasks, free))
        moving = [k for block in self._blocks for k in block.ravel()]
        rows = [self._tasks[k].row for k in moving]
        columns = [self._tasks[k].column for k in moving]
        self.rows = np.array(sorted(k for k in rows if k is not None), dtype=int)
        self.columns = np.array(sorted(k for k in columns if k is not None), dtype=int)
        self.shape = seen.shape

    @cached_property
    def count(self) -> float:
        """How many relabellings there are, the one that changes nothing included."""
        total = 1.0
        for block in self._blocks:
            families, size = block.shape
            total *= float(factorial(families)) * float(factorial(size)) ** families
        return total

    def orders(self, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Random relabellings: for each, which task stands in each row and in each column.

        The draws depend on the tasks' names and places alone: matrices with the same tasks that
        have unlike holes get the same relabelling as far as they can.

        Returns:
            (permutations, rows) and (permutations, columns), of places.
        """
        random = np.random.default_rng(seed)
        keys = random.random((permutations, len(self._tasks)))
        family_keys = random.random((permutations, len(self._tasks)))
        order = np.tile(np.arange(len(self._tasks)), (permutations, 1))
        for block in self._blocks:
            within = np.take_along_axis(
                np.broadcast_to(block, (permutations, *block.shape)),
                np.argsort(keys[:, block], axis=2),
                axis=2,
            )
            swapped = np.argsort(family_keys[:, block[:, 0]], axis=1)
            order[:, block] = np.take_along_axis(within, swapped[:, :, None], axis=1)
        return self._side(order, "row", self.shape[0]), self._side(order, "column", self.shape[1])

    def _side(self, order: np.ndarray, side: str, size: int) -> np.ndarray:
        numbers = [getattr(task, side) for task in self._tasks]
        there = np.array([k for k, number in enumerate(numbers) if number is not None], dtype=int)
        place_of = np.array([-1 if number is None else number for number in numbers], dtype=int)
        moved = np.empty((len(order), size), dtype=int)
        moved[:, place_of[there]] = place_of[order[:, there]]
        return moved


def _tasks(labels: Labels) -> Iterator[_Task]:
    columns = {name: number for number, name in enumerate(labels.columns)}
    both = set(labels.rows) & set(columns)
    for number, name in enumerate(labels.rows):
        column = columns[name] if name in both else None
        yield _Task(number, column, labels.row_families[number])
    for number, name in enumerate(labels.columns):
        if name not in both:
            yield _Task(None, number, labels.column_families[number])


def _free(tasks: Sequence[_Task], seen: np.ndarray) -> np.ndarray:
    """Which tasks have every pair with the tasks in use, (tasks,)."""
    rows, columns = np.asarray(seen.any(axis=1)), np.asarray(seen.any(axis=0))
    complete = seen | ~np.outer(rows, columns)
    both = [task for task in tasks if task.row is not None and task.column is not None]
    used = [task for task in both if rows[task.row] and columns[task.column]]
    selves = [bool(seen[task.row, task.column]) for task in used]
    if not any(selves):
        for task in used:
            complete[task.row, task.column] = True
    free = np.zeros(len(tasks), dtype=bool)
    for k, task in enumerate(tasks):
        in_rows = task.row is None or (rows[task.row] and complete[task.row].all())
        in_columns = task.column is None or (
            columns[task.column] and complete[:, task.column].all()
        )
        free[k] = in_rows and in_columns
    return free


def _blocks(tasks: Sequence[_Task], free: np.ndarray) -> Iterator[np.ndarray]:
    """Families of equal size that may change places, each (families, members) of tasks' numbers.

    A family with a member that must stay is a block of its own: its other members move within it.
    """
    families: dict[tuple, list[int]] = defaultdict(list)
    for k, task in enumerate(tasks):
        families[task.row is None, task.column is None, task.family].append(k)
    sizes: dict[tuple, list[list[int]]] = defaultdict(list)
    for (no_row, no_column, _), members in families.items():
        moving = [k for k in members if free[k]]
        if len(moving) == len(members):
            sizes[no_row, no_column, len(members)].append(members)
        elif moving:
            yield np.array([moving])
    for group in sizes.values():
        yield np.array(group)
