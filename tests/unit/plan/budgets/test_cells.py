"""The choices of cells and encoders against full enumeration."""

import random
import time
from itertools import chain, combinations

import pytest

from xstilts.plan.budgets import best, coverage, keep, solver
from xstilts.plan.budgets.bill import Bill, Cell


def grid(rows, columns, draw, encoder=1.0, seeds=(1,)):
    """Cells and bill of a grid whose rows each have an encoder to pay once."""
    cells = [Cell(f"r{i}", f"c{j}", seed) for i in range(rows) for j in range(columns)
             for seed in seeds]  # fmt: skip
    needs = {cell: frozenset({f"encoder {cell.intermediate} {cell.seed}", str(cell)})
             for cell in cells}  # fmt: skip
    seconds = {run: encoder if run.startswith("encoder") else draw.choice([0.5, 1.0, 2.0])
               for own in needs.values() for run in sorted(own)}  # fmt: skip
    return cells, Bill(needs, seconds)


def subsets(items):
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


def search(seed, rows=3, columns=4, scenarios=5):
    draw = random.Random(seed)
    cells, bill = grid(rows, columns, draw)
    tables = [{cell: draw.gauss(1, 2) for cell in cells} for _ in range(scenarios)]
    known = {"c0": 1.5} if seed % 2 else {}
    return best.Search(cells, tables, known, bill, draw.uniform(2, 9))


@pytest.mark.parametrize("seed", range(8))
def test_cells_have_least_expected_regret_of_all_choices(seed):
    own = search(seed)
    expected = max(own.worth(choice) for choice in subsets(own.cells)
                   if own.cost(choice) <= own.budget)  # fmt: skip
    chosen, certificate = best.choose_cells(own)
    assert own.cost(chosen) <= own.budget + 1e-9
    assert certificate.state == solver.OPTIMAL
    assert own.worth(chosen) == pytest.approx(expected) == pytest.approx(certificate.value)


def test_with_one_scenario_each_target_takes_its_winner_where_it_is_worth_its_price():
    cells, bill = grid(3, 3, random.Random(1), encoder=0.0)
    table = {cell: 10.0 * (cell.intermediate[1:] == cell.target[1:]) - 1 for cell in cells}
    own = best.Search(cells, [table], {}, bill, 100.0)
    chosen, _ = best.choose_cells(own)
    winners = {cell for cell in cells if cell.intermediate[1:] == cell.target[1:]}
    assert set(chosen) >= winners and own.worth(chosen) == 27


def test_forty_by_fourteen_by_three_within_the_minute():
    draw = random.Random(3)
    cells, bill = grid(40, 14, draw, encoder=2.0, seeds=(1, 2, 3))
    tables = []
    for _ in range(16):
        rows = {f"r{i}": draw.gauss(0, 1) for i in range(40)}
        dyads = {cell[:2]: draw.gauss(0, 1) for cell in cells}
        tables.append({cell: rows[cell.intermediate] + dyads[cell[:2]] for cell in cells})
    first = [cell for cell in cells if cell.seed == 1]
    own = best.Search(first, tables, {}, bill, bill.of(first) / 2)
    began = time.monotonic()
    chosen, certificate = best.choose_cells(own, seconds=40)
    assert time.monotonic() - began < 60
    assert own.cost(chosen) <= own.budget * (1 + 1e-6)
    assert certificate.gap < 0.05


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("count", [1, 2, 4])
def test_kept_encoders_are_the_best_of_all_choices(seed, count):
    draw = random.Random(seed)
    names = [f"e{i}" for i in range(6)]
    gains = {keep.Use(f"t{j}", language): {name: draw.gauss(-0.5, 2) for name in names}
             for j in range(4) for language in ("de", "sw")}  # fmt: skip

    def worth(choice):
        return sum(max([0.0, *(own[name] for name in choice)]) for own in gains.values())

    expected = max(worth(choice) for choice in combinations(names, count))
    kept = keep.keep(gains, count)
    assert len(kept.names) <= count
    assert worth(kept.names) == pytest.approx(expected)
    assert sum(kept.lost.values()) == pytest.approx(worth(names) - expected)
    for use, name in kept.serves.items():
        assert (name == keep.NONE) == (max([0, *(gains[use][n] for n in kept.names)]) == 0)


def covering(seed, budget, quotas=()):
    draw = random.Random(seed)
    cells, bill = grid(3, 3, draw)
    groups = {name: [cell for cell in cells if name in cell] for name in
              ("r0", "r1", "r2", "c0", "c1", "c2")}  # fmt: skip
    return coverage.Coverage(cells, groups, dict(quotas), bill, budget)


def evenness(own, choice):
    return sum(1 / (k + 1) for members in own.groups.values()
               for k in range(len(set(members) & set(choice))))  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_coverage_is_the_most_even_of_all_choices(seed):
    own = covering(seed, 7.0, {"c1": 2} if seed % 2 else {})
    allowed = [choice for choice in subsets(own.cells) if own.bill.of(choice) <= own.budget
               and all(len(set(own.groups[name]) & set(choice)) >= quota
                       for name, quota in own.quotas.items())]  # fmt: skip
    chosen, certificate = coverage.cover(own)
    assert certificate.state == solver.OPTIMAL and own.bill.of(chosen) <= 7.0 + 1e-9
    assert evenness(own, chosen) == pytest.approx(max(evenness(own, each) for each in allowed))


def test_quotas_beyond_the_budget_are_infeasible_and_their_price_is_told():
    own = covering(1, 2.0, dict.fromkeys(("c0", "c1", "c2"), 2))
    chosen, certificate = coverage.cover(own)
    assert (chosen, certificate.state) == ((), solver.INFEASIBLE)
    holding = [
        choice
        for choice in subsets(own.cells)
        if all(len(set(own.groups[name]) & set(choice)) >= 2 for name in own.quotas)
    ]
    assert coverage.cheapest(own) == pytest.approx(min(map(own.bill.of, holding)))
