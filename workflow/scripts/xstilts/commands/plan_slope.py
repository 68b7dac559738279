"""A plan for the similarity slope: rows that are extreme in similarity, many before often."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xstilts.commands.plan_choice import Choice, Wish, baselines, too_small, with_baselines
from xstilts.commands.plan_similarity import known_similarity
from xstilts.core.errors import StudyError
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.information import distances
from xstilts.plan.budgets.slope import Rows, affordable, choose_rows, exchange
from xstilts.plan.encoders import AnyStudy

# A slope over tasks is tested from so many of both kinds on (`inference.analyses.headline`).
FEWEST = 5
# A column is left out where the rows that it pays for bring so much more information.
WORTHWHILE = 1.01
SEEDS_COMPARED = (1, 2, 3)


def choose(study: AnyStudy, wish: Wish, bill: Bill) -> Choice:
    """The cells that show the slope best.

    Raises:
        StudyError: the budget is too small, or similarity is not known.
    """
    similarity, notes = known_similarity(study)
    candidates = _Candidates(study, wish, bill, similarity)
    notes += candidates.notes
    columns = _fewer_columns(candidates, candidates.columns)
    if len(columns) < len(candidates.columns):
        left_out = [name for name in candidates.columns if name not in columns]
        notes.append(
            f"The targets {', '.join(left_out)} are not run: what they cost buys rows that tell "
            "more of the slope."
        )
    rows = candidates.rows(columns, study.config["seeds"][0])
    chosen, certificate = choose_rows(rows, wish.seconds)
    if not chosen:
        what = f"the baseline and {FEWEST} rows on {FEWEST} targets"
        raise too_small(study, wish, candidates.least(candidates.columns), what)
    reasons = _reasons(rows, chosen, columns, study.config["seeds"][0])
    if len(chosen) == len(rows.names):
        reasons |= _further_seeds(candidates, columns, chosen, reasons, wish)
    notes.append(
        f"The similarity of the chosen rows holds {certificate.value:.3g} squared standard "
        f"deviations of double-centred similarity; {len(chosen)} rows drawn at random hold "
        f"{candidates.at_random(rows, len(chosen)):.3g}."
    )
    exchanges = candidates.exchanges(columns, chosen)
    return Choice(with_baselines(bill, reasons), certificate, notes, exchanges)


class _Candidates:
    """The rows and columns that may be chosen."""

    def __init__(
        self, study: AnyStudy, wish: Wish, bill: Bill, similarity: Mapping[tuple[str, str], float]
    ) -> None:
        self.study, self.wish, self.bill = study, wish, bill
        targets = [
            name for name in study.target_tasks if any(pair[1] == name for pair in similarity)
        ]
        self.names = [
            name
            for name in study.intermediate_tasks
            if all((name, target) in similarity for target in targets)
        ]
        self.columns = targets
        self.similarity = _standard(
            {(row, column): similarity[row, column] for row in self.names for column in targets}
        )
        absent = [
            name
            for name in (*study.intermediate_tasks, *study.target_tasks)
            if name not in self.names and name not in targets
        ]
        self.notes = []
        if absent:
            self.notes.append(f"Without similarity, and so not chosen: {', '.join(absent)}.")
        if len(self.names) < FEWEST or len(targets) < FEWEST:
            raise StudyError(
                f"a plan for slope needs {FEWEST} intermediate and {FEWEST} target tasks with "
                f"similarity, and there are {len(self.names)} and {len(targets)}."
            )
        named = study.config["inference"]["families"]
        self.families = named or {name: study.sheets[name]["kind"] for name in self.names}

    def rows(self, columns: Sequence[str], seed: int, paid: float = 0.0) -> Rows:
        """The choice among rows with these columns, when so many hours are spent already."""
        cells = {row: [Cell(row, column, seed) for column in columns] for row in self.names}
        runs = {row: frozenset(self.bill.runs(own)) for row, own in cells.items()}
        base = [
            Cell(cell.intermediate, cell.target, seed)
            for cell in baselines(self.study, seed)
            if cell.target in columns
        ]
        budget = self.wish.hours - paid - self.bill.of(base)
        rows = Rows(
            self.names,
            distances(self.similarity, self.names, columns),
            runs,
            self.bill,
            budget,
            frozenset(self.bill.runs(base)),
            self.families,
            self.wish.most_of_a_family,
            fewest=FEWEST,
        )
        if rows.most is None:
            rows = replace(rows, most=self._quota(rows))
        return rows

    def _quota(self, rows: Rows) -> int | None:
        """Twice the even share of a family, as chosen rows are extreme and come in families."""
        count = len({rows.family(row) for row in rows.names})
        if count < 2:
            return None
        return max(2, math.ceil(2 * affordable(rows) / count))

    def least(self, columns: Sequence[str]) -> float:
        """About the least that makes a test: columns go while it gets cheaper, down to `FEWEST`."""
        seed = self.study.config["seeds"][0]

        def price(own: Sequence[str]) -> float:
            rows = self.rows(own, seed)
            cheapest = sorted(rows.names, key=rows.alone)[:FEWEST]
            return self.wish.hours - rows.budget + rows.cost(cheapest)

        kept = list(columns)
        while len(kept) > FEWEST:
            kept = min(([name for name in kept if name != out] for out in kept), key=price)
        return price(kept)

    def at_random(self, rows: Rows, count: int) -> float:
        """The mean information of so many rows drawn at random: a sum over pairs is linear."""
        pairs = len(rows.names) * (len(rows.names) - 1) / 2
        return (count - 1) / 2 * sum(rows.distance.values()) / pairs

    def exchanges(self, columns: Sequence[str], chosen: Sequence[str]) -> list[dict[str, float]]:
        """What the same money shows with fewer rows of more seeds."""
        from xstilts.inference.analyses.design_power import Design, expected_power

        seed = self.study.config["seeds"][0]
        whole = self.rows(columns, seed)
        base = self.wish.hours - whole.budget
        designs = []
        for seeds in SEEDS_COMPARED:
            budget = self.wish.hours / seeds - base
            own = chosen if seeds == 1 else exchange(replace(whole, budget=budget))
            if own:
                hours = seeds * (base + whole.cost(own))
                designs.append(Design(list(own), list(columns), seeds, hours))
        sheets = self.study.sheets
        kinds = {**{name: sheets[name]["kind"] for name in self.columns}, **self.families}
        training_sets = {name: sheets[name]["training_set"] for name in columns}
        return expected_power(designs, self.similarity, kinds, training_sets, self.wish.seed)


def _standard(similarity: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """In standard deviations over all pairs."""
    values = list(similarity.values())
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    if spread == 0:
        raise StudyError("all pairs of tasks are equally similar: no rows show a slope better.")
    return {pair: (value - mean) / spread for pair, value in similarity.items()}


def _fewer_columns(candidates: _Candidates, columns: Sequence[str]) -> list[str]:
    """Columns, less those whose money buys rows that bring more information."""
    seed = candidates.study.config["seeds"][0]

    def worth(own: Sequence[str]) -> float:
        rows = candidates.rows(own, seed)
        return rows.worth(exchange(rows))

    if affordable(candidates.rows(columns, seed)) == len(candidates.names):
        return list(columns)
    kept, best = list(columns), worth(columns)
    while len(kept) > FEWEST:
        options = [[name for name in kept if name != out] for out in kept]
        highest, option = max((worth(option), option) for option in options)
        # Without any row that is affordable a column less is nearer to some.
        if highest <= best * WORTHWHILE and best > 0:
            break
        kept, best = option, highest
    return kept


def _reasons(
    rows: Rows, chosen: Sequence[str], columns: Sequence[str], seed: int
) -> dict[Cell, str]:
    """Of each row, how much of the information goes without it."""
    whole = rows.worth(chosen)
    reasons: dict[Cell, str] = {}
    for row in chosen:
        lost = 1 - rows.worth([other for other in chosen if other != row]) / whole
        reason = f"without this row {lost:.0%} of the information on the slope is lost"
        reasons |= {Cell(row, column, seed): reason for column in columns}
    return reasons


def _further_seeds(
    candidates: _Candidates,
    columns: Sequence[str],
    chosen: Sequence[str],
    reasons: Mapping[Cell, str],
    wish: Wish,
) -> dict[Cell, str]:
    """Rows before seeds: a further seed only where every row is run."""
    bill, study = candidates.bill, candidates.study
    spent = bill.of(with_baselines(bill, reasons))
    further: dict[Cell, str] = {}
    for seed in study.config["seeds"][1:]:
        rows = candidates.rows(columns, seed, spent)
        again, _ = choose_rows(rows, wish.seconds / 2)
        if not again:
            break
        own = {
            Cell(row, column, seed): "a further seed: every row has one already"
            for row in again
            for column in columns
        }
        spent += bill.of(with_baselines(bill, own))
        further |= own
        if len(again) < len(chosen):
            break
    return further
