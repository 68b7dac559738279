"""What is asked of a plan, and what it chose."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xstilts.core.errors import StudyError
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.solver import Certificate
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.training_recipes import BASELINE


@dataclass(frozen=True)
class Wish:
    """What is asked of a plan.

    Attributes:
        purpose: slope, best or coverage.
        hours: budget, of a GPU, or of a core where the study trains on CPUs.
        most_of_a_family: rows of one kind of task at most; None lets the plan decide.
        quotas: cells that a row, a target or a class of languages must have.
        seconds: of the search.
        seed: of all draws.
    """

    purpose: str
    hours: float
    most_of_a_family: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 40.0
    seed: int = 1


@dataclass(frozen=True)
class Choice:
    """What a plan runs.

    Attributes:
        reasons: why each cell is run, in the order in which cells are paid.
        certificate: how good the choice is known to be.
        notes: sentences on what was left out, assumed or decided.
        exchanges: designs at about the same cost, and what each would probably see.
    """

    reasons: dict[Cell, str]
    certificate: Certificate
    notes: list[str] = field(default_factory=list)
    exchanges: list[dict[str, float]] = field(default_factory=list)


def unit(study: AnyStudy) -> str:
    """What a budget counts."""
    return "GPU-hours" if study.config["accelerator"] == "gpu" else "core-hours"


def baselines(study: AnyStudy, seed: int) -> list[Cell]:
    """The baseline's cells of one seed."""
    return [Cell(BASELINE, target, seed) for target in study.target_tasks]


def too_small(study: AnyStudy, wish: Wish, least: float, what: str) -> StudyError:
    """The error of a budget that buys too little."""
    return StudyError(
        f"{wish.hours:g} {unit(study)} are too few for a plan for {wish.purpose}: {what} costs "
        f"{least:.3g}; give more with --gpu-hours, or name fewer target_tasks or smaller limits."
    )


def with_baselines(study: AnyStudy, bill: Bill, reasons: Mapping[Cell, str]) -> dict[Cell, str]:
    """The cells with the baseline of each of their targets and seeds, which goes first."""
    needed = dict.fromkeys(Cell(BASELINE, cell.target, cell.seed) for cell in reasons)
    own = {
        cell: "the baseline, from which gains are counted" for cell in needed if cell in bill.needs
    }
    return {**own, **{cell: reason for cell, reason in reasons.items() if cell not in own}}
