"""A plan for each target's best intermediate task: least expected regret for the money.

With a fidelity the plans of a study are rounds of successive halving (Jamieson & Talwalkar 2016,
*Non-stochastic best arm identification*): cheap cells first, then full cells for the better half of
each target's rows, by what is believed once the cheap gains are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xstilts.commands.plan_choice import (
    Choice,
    Wish,
    baselines,
    full_cells,
    is_baseline,
    too_small,
    unit,
    with_baselines,
)
from xstilts.commands.plan_gains import KnownGains, known_gains
from xstilts.commands.plan_similarity import known_similarity, similarity_files
from xstilts.core.naming import at_fidelity, row_and_fidelity
from xstilts.plan.budgets.best import Search, better_half, choose_cells, filled
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.encoders import AnyStudy

if TYPE_CHECKING:
    from xstilts.inference.prediction.study_tables import Believed

Pair = tuple[str, str]
# What a round of cheap cells may spend of the budget: the rest is for the full cells that follow.
CHEAP_PART = 0.5


@dataclass(frozen=True)
class _Known:
    """What a plan goes by."""

    study: AnyStudy
    wish: Wish
    bill: Bill
    gains: KnownGains
    belief: "Believed"
    notes: list[str]

    @property
    def seed(self) -> int:
        return self.study.config["seeds"][0]

    def cells(self, fidelity: str) -> list[Cell]:
        """Those of the first seed, baselines aside."""
        return [
            cell
            for cell in self.bill.needs
            if row_and_fidelity(cell.intermediate)[1] == fidelity
            and not is_baseline(cell)
            and cell.seed == self.seed
        ]

    def unpaid(self, fidelity: str) -> list[Cell]:
        """Those of them that are yet to be run."""
        return [cell for cell in self.cells(fidelity) if not self.bill.is_free(cell)]

    def search(
        self, cells: list[Cell], budget: float, fidelity: str, best: Mapping[str, float]
    ) -> Search:
        """The search among `cells`; `best` is what is known by target."""
        base = frozenset(self.bill.runs(baselines(self.study, self.seed, fidelity)))
        return Search(
            cells,
            [{cell: scenario[_pair(cell)] for cell in cells} for scenario in self.belief.scenarios],
            best,
            self.bill,
            budget - self.bill.price(base),
            base,
            {
                cell: (self.belief.mean[_pair(cell)] - best[cell.target])
                / max(self.belief.deviation[_pair(cell)], 1e-9)
                for cell in cells
            },
        )

    def best(self, gains: Mapping[Pair, float]) -> dict[str, float]:
        """The largest of `gains` by target; that of no intermediate task is zero."""
        return {
            target: max([0.0, *(gain for pair, gain in gains.items() if pair[1] == target)])
            for target in self.study.target_tasks
        }

    def there(self) -> dict[Cell, str]:
        """Cells that are finished, which cost nothing."""
        return {
            cell: "is there"
            for cell in self.bill.needs
            if not is_baseline(cell) and self.bill.is_free(cell)
        }


def _pair(cell: Cell) -> Pair:
    return row_and_fidelity(cell.intermediate)[0], cell.target


def choose(study: AnyStudy, wish: Wish, bill: Bill) -> Choice:
    """The cells after which the best intermediate tasks are missed by least.

    Raises:
        StudyError: the budget is too small.
    """
    from xstilts.inference.prediction.study_tables import believed

    gains = known_gains(study)
    similarity, notes = known_similarity(study) if similarity_files(study) else ({}, [])
    if not similarity:
        notes = ["No similarity is known: rows are alike until some are run."]
    notes += _stand(gains)
    cells = [cell for cell in full_cells(bill) if not is_baseline(cell)]
    rows = list(dict.fromkeys(cell.intermediate for cell in cells))
    belief = believed(rows, study.target_tasks, gains.full, similarity, gains.cheap, wish.seed)
    known = _Known(study, wish, bill, gains, belief, notes)
    return _cheap_round(known) or _full_round(known)


def _cheap_round(known: _Known) -> Choice | None:
    """Cheap cells that may be the best; None where full ones are next."""
    settings, wish, bill = known.study.config["fidelity"], known.wish, known.bill
    if settings is None:
        return None
    cells = known.unpaid(settings["name"])
    # Once half of them have been run, those that were passed over were the least likely.
    if len(cells) <= len(known.cells(settings["name"])) / 2:
        return None
    if bill.of([*known.unpaid(""), *baselines(known.study, known.seed)]) <= wish.hours:
        known.notes.append("The budget pays for every full cell: no cheap ones are run.")
        return None
    name = settings["name"]
    # A cheap cell is worth its money where it may beat what is expected of those that were run.
    mean = known.belief.mean
    seen = {pair: mean[pair] for pair in known.gains.cheap if pair in mean}
    search = known.search(
        cells, wish.hours * CHEAP_PART, name, known.best({**seen, **known.gains.full})
    )
    chosen, certificate = choose_cells(search, wish.seconds)
    taken = filled(search, chosen)
    if not taken:
        known.notes.append(
            f"Half of the budget pays for no cheap cell ({at_fidelity('...', name)}): full ones "
            "are chosen without them."
        )
        return None
    reasons = dict.fromkeys(taken, "cheap cells first: may be the best of its target")
    every = {**known.there(), **reasons}
    cost = bill.of(with_baselines(bill, every))
    left = wish.hours - cost
    notes = [
        *known.notes,
        f"{len(taken)} of {len(cells)} cheap cells are next; {left:.3g} {unit(known.study)} are "
        "kept for full cells: run these, and plan again for what is left "
        f"(--gpu-hours {left:.3g}).",
        known.gains.compared,
    ]
    return Choice(with_baselines(bill, every), certificate, notes, left=left)


def _full_round(known: _Known) -> Choice:
    """Full cells for the rows that are left; those that cheap cells speak for, if any do."""
    study, wish, bill, notes = known.study, known.wish, known.bill, known.notes
    base = frozenset(bill.runs(baselines(study, known.seed)))
    budget = wish.hours - bill.price(base)
    cells = known.unpaid("")
    if cells and min(bill.of([cell], base) for cell in cells) > budget:
        least = bill.price(base) + min(bill.of([cell], base) for cell in cells)
        raise too_small(study, wish, least, "the baseline and one cell")
    whole = known.search(cells, wish.hours, "", known.best(known.gains.full))
    search = whole
    if known.gains.cheap:
        search = replace(whole, cells=better_half(whole))
        notes += [
            f"Of {len(cells)} full cells that are left, the better half of each target's, "
            f"{len(search.cells)}, are chosen among.",
            known.gains.compared,
        ]
    chosen, certificate = choose_cells(search, wish.seconds)
    reasons = {cell: _reason(search, cell) for cell in chosen}
    for cell in filled(whole, filled(search, chosen)):
        reasons.setdefault(cell, "fills the budget: among the likeliest to beat what is known")
    notes.append(
        f"After these runs each target's best is expected to be {_gain(certificate.value, study)} "
        "points above what is known, on average over targets; run them, and plan again with what "
        "they found."
    )
    return Choice(with_baselines(bill, {**known.there(), **reasons}), certificate, notes)


def _stand(gains: KnownGains) -> list[str]:
    sentences = []
    if gains.cheap:
        sentences.append(f"{len(gains.cheap)} pairs of tasks have a cheap gain already.")
    if gains.full:
        sentences.append(f"{len(gains.full)} pairs of tasks have a gain already.")
    return sentences or [
        "No gain is measured yet: gains are taken to spread by one point within a target, so "
        "that points say nothing but which is more."
    ]


def _gain(value: float, study: AnyStudy) -> str:
    return f"{value / len(study.target_tasks):.2f}"


def _reason(search: Search, cell: Cell) -> str:
    chances = [search.beyond(cell, scenario) for scenario in search.scenarios]
    wins = sum(value > 0 for value in chances) / len(chances)
    mean = sum(chances) / len(chances)
    return f"beats what is known of {cell.target} in {wins:.0%} of cases, by {mean:.2f} on average"
