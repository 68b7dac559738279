"""What is asked of a plan, and what it chose."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xstilts.core.errors import StudyError
from xstilts.core.naming import at_fidelity, row_and_fidelity
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
        fidelity: of the rows of a plan for slope or coverage; "" is the full one.
    """

    purpose: str
    hours: float
    most_of_a_family: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 40.0
    seed: int = 1
    fidelity: str = ""


@dataclass(frozen=True)
class Choice:
    """What a plan runs.

    Attributes:
        reasons: why each cell is run, in the order in which cells are paid.
        certificate: how good the choice is known to be.
        notes: sentences on what was left out, assumed or decided.
        exchanges: designs at about the same cost, and what each would probably see.
        left: what is kept of the budget for a later plan, in hours.
    """

    reasons: dict[Cell, str]
    certificate: Certificate
    notes: list[str] = field(default_factory=list)
    exchanges: list[dict[str, float]] = field(default_factory=list)
    left: float = 0.0


def unit(study: AnyStudy) -> str:
    """What a budget counts."""
    return "GPU-hours" if study.config["accelerator"] == "gpu" else "core-hours"


def full_cells(bill: Bill) -> list[Cell]:
    """The cells of the full grid."""
    return [cell for cell in bill.needs if not row_and_fidelity(cell.intermediate)[1]]


def bill_of_fidelity(bill: Bill, fidelity: str) -> Bill:
    """The cells of one fidelity alone, as if it were the full one."""
    own = {
        cell._replace(intermediate=row): runs
        for cell, runs in bill.needs.items()
        for row, known in [row_and_fidelity(cell.intermediate)]
        if known == fidelity
    }
    return replace(bill, needs=own)


def choice_at_fidelity(choice: Choice, fidelity: str) -> Choice:
    """A choice among the cells of `bill_of_fidelity`, under their names in the study."""
    named = {
        cell._replace(intermediate=at_fidelity(cell.intermediate, fidelity)): reason
        for cell, reason in choice.reasons.items()
    }
    return replace(choice, reasons=named)


def is_baseline(cell: Cell) -> bool:
    """Whether it is a cell of a baseline, at whichever fidelity."""
    return row_and_fidelity(cell.intermediate)[0] == BASELINE


def baseline_of(cell: Cell) -> Cell:
    """The cell that its gain is counted from: the same target and seed at the same fidelity."""
    return cell._replace(intermediate=at_fidelity(BASELINE, row_and_fidelity(cell.intermediate)[1]))


def baselines(study: AnyStudy, seed: int, fidelity: str = "") -> list[Cell]:
    """The baseline's cells of one seed."""
    row = at_fidelity(BASELINE, fidelity)
    return [Cell(row, target, seed) for target in study.target_tasks]


def too_small(study: AnyStudy, wish: Wish, least: float, what: str) -> StudyError:
    """The error of a budget that buys too little."""
    return StudyError(
        f"{wish.hours:g} {unit(study)} are too few for a plan for {wish.purpose}: {what} costs "
        f"{least:.3g}; give more with --gpu-hours, or name fewer target_tasks or smaller limits."
    )


def with_baselines(bill: Bill, reasons: Mapping[Cell, str]) -> dict[Cell, str]:
    """The cells with the baseline of each of their targets and seeds, which goes first."""
    needed = dict.fromkeys(map(baseline_of, reasons))
    own = {
        cell: "the baseline, from which gains are counted" for cell in needed if cell in bill.needs
    }
    return {**own, **{cell: reason for cell, reason in reasons.items() if cell not in own}}
