"""What the cells of a study cost: hours of what is not there yet, from receipts or the config."""

from collections.abc import Iterable
from functools import cached_property

from xstilts.commands.costs import UNKNOWN, Costs
from xstilts.commands.history import History
from xstilts.core.errors import StudyError
from xstilts.core.layout import listed
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.grid import Cell as GridCell
from xstilts.plan.grid import Study
from xstilts.plan.recipes import Run, all_parents

# Without their cost there is no plan; what else is not known is little beside them.
DEAR = ("intermediate", "target")
HOUR = 3600.0


class StudyBill:
    """The bill of the whole grid of a study, in hours."""

    def __init__(self, study: AnyStudy) -> None:
        """Price every run of the grid that is not there.

        Raises:
            StudyError: nobody knows what fine-tunes cost.
        """
        self.study = study
        self._waits: dict[str, frozenset[str]] = {}
        self._runs: dict[str, Run] = {}
        # With several encoders a cell is run with each of them.
        needs: dict[Cell, frozenset[str]] = {}
        for own in study.by_encoder.values():
            for cell in own.whole_grid:
                key = Cell(*cell.place)
                runs = self._needed(cell.run) | self._evidence(own, cell)
                needs[key] = needs.get(key, frozenset()) | runs
        costs = Costs(study, History())
        costs_of = {name: costs.of(run) for name, run in self._runs.items()}
        unknown = frozenset(name for name, cost in costs_of.items() if cost is UNKNOWN)
        self._check(unknown)
        hours = {name: cost.seconds / HOUR for name, cost in costs_of.items()}
        self.bill = Bill(needs, hours, unknown)

    def _needed(self, run: Run) -> frozenset[str]:
        """The run and those that it waits for, as far as they are not there."""
        if run.name not in self._waits:
            if run.is_there():
                self._waits[run.name] = frozenset()
            else:
                self._runs[run.name] = run
                parents = [self._needed(parent) for parent in all_parents(run)]
                self._waits[run.name] = frozenset({run.name}).union(*parents)
        return self._waits[run.name]

    def _evidence(self, study: Study, cell: GridCell) -> frozenset[str]:
        """What similarity reads of a row's encoder is paid with it."""
        embeddings = study.embeddings
        scored = embeddings.scores_runs and embeddings.training_sets
        # It reads the encoders of the fidelity that the study's tables are of.
        if cell.fidelity != study.fidelity or not scored:
            return frozenset()
        if cell.intermediate not in embeddings.intermediates:
            return frozenset()
        return self._needed(embeddings.evidence(cell.intermediate, cell.seed))

    def _check(self, unknown: Iterable[str]) -> None:
        dear = sorted(name for name in unknown if self._runs[name].stage in DEAR)
        if dear:
            stages = sorted({self._runs[name].stage for name in dear})
            keys = " and ".join(f"costs.{stage}" for stage in stages)
            raise StudyError(
                f"nobody knows what {len(dear)} runs cost ({listed(dear, 2)}): set {keys} in the "
                "config (seconds of a core or GPU), or run one of each first."
            )

    @cached_property
    def notes(self) -> list[str]:
        """A sentence on runs whose cost is not known and not counted."""
        if not self.bill.unknown:
            return []
        stages = sorted({self._runs[name].stage for name in self.bill.unknown})
        return [
            f"What {len(self.bill.unknown)} runs cost is not known and not counted "
            f"({', '.join(stages)}): small beside fine-tunes; set costs in the config to count it."
        ]

    @cached_property
    def cells(self) -> list[Cell]:
        """All cells of the grid."""
        return list(self.bill.needs)
