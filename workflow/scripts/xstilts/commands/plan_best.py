"""A plan for each target's best intermediate task: least expected regret for the money."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xstilts.commands.plan_choice import Choice, Wish, baselines, too_small, with_baselines
from xstilts.commands.plan_similarity import known_similarity, similarity_files
from xstilts.plan.budgets.best import Search, choose_cells, filled
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.training_recipes import BASELINE

if TYPE_CHECKING:
    from xstilts.inference.prediction.study_tables import Believed

Pair = tuple[str, str]


def choose(study: AnyStudy, wish: Wish, bill: Bill) -> Choice:
    """The cells after which the best intermediate tasks are missed by least.

    Raises:
        StudyError: the budget is too small.
    """
    from xstilts.inference.prediction.study_tables import believed, gains_of_tasks

    seed = study.config["seeds"][0]
    measured = gains_of_tasks(
        study.tables / "gains.parquet", study.config["inference"]["without_languages"]
    )
    similarity, notes = known_similarity(study) if similarity_files(study) else ({}, [])
    if not similarity:
        notes = ["No similarity is known: rows are alike until some are run."]
    notes.append(_stand(measured))
    rows = [
        name for name in dict.fromkeys(cell.intermediate for cell in bill.needs) if name != BASELINE
    ]
    belief = believed(rows, study.target_tasks, measured, similarity, {}, wish.seed)
    base = frozenset(bill.runs(baselines(study, seed)))
    budget = wish.hours - bill.price(base)
    cells = [
        cell
        for cell in bill.needs
        if cell.intermediate != BASELINE and cell.seed == seed and not bill.is_free(cell)
    ]
    if cells and min(bill.of([cell], base) for cell in cells) > budget:
        least = bill.price(base) + min(bill.of([cell], base) for cell in cells)
        raise too_small(study, wish, least, "the baseline and one cell")
    search = Search(
        cells,
        [{cell: scenario[cell[:2]] for cell in cells} for scenario in belief.scenarios],
        _known(study, measured),
        bill,
        budget,
        base,
        _likely(study, belief, measured, cells),
    )
    chosen, certificate = choose_cells(search, wish.seconds)
    reasons = {cell: _reason(search, cell) for cell in chosen}
    for cell in filled(search, chosen):
        reasons.setdefault(cell, "fills the budget: among the likeliest to beat what is known")
    there = {
        cell: "is there"
        for cell in bill.needs
        if cell.intermediate != BASELINE and bill.is_free(cell)
    }
    notes.append(
        f"After these runs each target's best is expected to be {_gain(certificate.value, study)} "
        "points above what is known, on average over targets; run them, and plan again with what "
        "they found."
    )
    return Choice(with_baselines(study, bill, {**there, **reasons}), certificate, notes)


def _stand(measured: Mapping[Pair, float]) -> str:
    if not measured:
        return (
            "No gain is measured yet: gains are taken to spread by one point within a target, so "
            "that points say nothing but which is more."
        )
    return f"{len(measured)} pairs of tasks have a gain already."


def _gain(value: float, study: AnyStudy) -> str:
    return f"{value / len(study.target_tasks):.2f}"


def _known(study: AnyStudy, measured: Mapping[Pair, float]) -> dict[str, float]:
    """The best gain by target; that of no intermediate task is zero."""
    return {
        target: max([0.0, *(gain for pair, gain in measured.items() if pair[1] == target)])
        for target in study.target_tasks
    }


def _likely(
    study: AnyStudy, belief: "Believed", measured: Mapping[Pair, float], cells: list[Cell]
) -> dict[Cell, float]:
    known = _known(study, measured)
    return {
        cell: (belief.mean[cell[:2]] - known[cell.target]) / max(belief.deviation[cell[:2]], 1e-9)
        for cell in cells
    }


def _reason(search: Search, cell: Cell) -> str:
    chances = [search.beyond(cell, scenario) for scenario in search.scenarios]
    wins = sum(value > 0 for value in chances) / len(chances)
    mean = sum(chances) / len(chances)
    return f"beats what is known of {cell.target} in {wins:.0%} of cases, by {mean:.2f} on average"
