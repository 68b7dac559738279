"""The choice of rows for the slope, against full enumeration and the textbook's variance."""

import random
import time
from itertools import combinations

import numpy as np
import pytest

from xstilts.plan.budgets import slope, solver
from xstilts.plan.budgets.bill import Bill, Cell
from xstilts.plan.budgets.information import distances, information


def similarity(rows, columns, seed):
    draw = random.Random(seed)
    return {(row, column): draw.gauss(0, 1) for row in rows for column in columns}


def candidates(count, width=4, seed=1, budget=6.0, prices=None, **others):
    rows, columns = [f"r{i}" for i in range(count)], [f"c{j}" for j in range(width)]
    prices = prices or dict.fromkeys(rows, 1.0)
    shared = others.pop("shared", {})
    runs = {row: frozenset({f"run of {row}", *shared.get(row, ())}) for row in rows}
    seconds = {f"run of {row}": price for row, price in prices.items()} | others.pop("seconds", {})
    known = similarity(rows, columns, seed)
    return slope.Rows(
        rows, distances(known, rows, columns), runs, Bill({}, seconds), budget, **others
    )


def best_of_all(rows):
    choices = (
        choice
        for number in range(slope.FEWEST_ROWS, len(rows.names) + 1)
        for choice in combinations(rows.names, number)
        if rows.allowed(choice) and set(rows.forced) <= set(choice)
    )
    return max((rows.worth(choice) for choice in choices), default=None)


def test_information_is_that_of_least_squares_with_row_and_column_means():
    names, columns = list("abcde"), list("wxyz")
    known = similarity(names, columns, 3)
    chosen = ("a", "c", "d")
    table = [(row, column) for row in chosen for column in columns]
    design = np.array(
        [
            [known[cell], *(cell[0] == row for row in chosen), *(cell[1] == c for c in columns[1:])]
            for cell in table
        ],
        dtype=float,
    )
    variance = np.linalg.inv(design.T @ design)[0, 0]
    found = information(distances(known, names, columns), chosen)
    assert found == pytest.approx(1 / variance)


def test_a_row_more_takes_no_information_away():
    rows = candidates(9, seed=5)
    for chosen in combinations(rows.names, 4):
        for row in set(rows.names) - set(chosen):
            assert rows.worth((*chosen, row)) >= rows.worth(chosen) - 1e-12


@pytest.mark.parametrize("seed", range(12))
def test_choice_is_the_best_of_all_choices(seed):
    draw = random.Random(seed)
    prices = {f"r{i}": draw.choice([0.0, 0.5, 1.0, 1.5, 3.0]) for i in range(10)}
    families = {row: draw.choice("abc") for row in prices} if seed % 2 else None
    rows = candidates(
        10, seed=seed, prices=prices, budget=draw.uniform(2, 8), families=families,
        most=2 if families else None, forced=("r3",) if seed % 3 == 0 else (),
        shared={"r0": ["data"], "r1": ["data"], "r2": ["data"]}, seconds={"data": 0.7},
    )  # fmt: skip
    expected = best_of_all(rows)
    chosen, certificate = slope.choose_rows(rows)
    if expected is None:
        assert (chosen, certificate.state) == ((), solver.INFEASIBLE)
        return
    assert certificate.state == solver.OPTIMAL
    assert rows.allowed(chosen) and set(rows.forced) <= set(chosen)
    assert rows.worth(chosen) == pytest.approx(expected) == pytest.approx(certificate.value)


def test_without_highs_cbc_proves_the_same(monkeypatch):
    rows = candidates(9, seed=2, budget=4.0)
    expected = best_of_all(rows)
    monkeypatch.setattr(solver.pulp.HiGHS, "available", lambda self: False)
    chosen, certificate = slope.choose_rows(rows)
    assert rows.worth(chosen) == pytest.approx(expected)
    assert certificate.state == solver.OPTIMAL


def test_where_time_runs_out_the_gap_holds_the_best_choice():
    rows = candidates(14, width=6, seed=4, budget=7.0)
    expected = best_of_all(rows)
    chosen, certificate = slope.choose_rows(rows, seconds=0.0)
    assert chosen and rows.allowed(chosen)
    assert certificate.state == solver.FEASIBLE
    assert certificate.value <= expected + 1e-9 <= certificate.bound + 1e-9
    assert "not proved optimal" in str(certificate)


def test_status_alone_is_no_certificate(monkeypatch):
    """A program that stops at its time limit has status "Optimal" and must not be called so."""
    import pulp

    def stops(problem, *_):
        problem.assignStatus(pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible)
        for variable in problem.variables():
            variable.varValue = 0.0

    problem = pulp.LpProblem("one", pulp.LpMaximize)
    one = problem.add_variable("one", 0, 1, pulp.LpInteger)
    problem += one
    monkeypatch.setattr(pulp.LpProblem, "solve", stops)
    monkeypatch.setattr(solver, "_bound", lambda problem: 1.0)
    found = solver.solve(problem, 1.0)
    assert pulp.LpStatus[problem.status] == "Optimal"
    assert (found.state, found.bound) == (solver.FEASIBLE, 1.0)
    assert found.gap > 0


def test_quotas_keep_extreme_families_from_taking_all():
    rows = candidates(12, seed=8, budget=6.0, families={f"r{i}": "abcd"[i % 4] for i in range(12)},
                      most=2)  # fmt: skip
    chosen, _ = slope.choose_rows(rows)
    counts = {family: sum(rows.family(row) == family for row in chosen) for family in "abcd"}
    assert max(counts.values()) <= 2 and sum(counts.values()) == 6


def test_forty_candidates_within_the_minute():
    rows = candidates(40, width=14, seed=1, budget=9.0)
    began = time.monotonic()
    chosen, certificate = slope.choose_rows(rows, seconds=40)
    assert time.monotonic() - began < 60
    assert len(chosen) == 9 and certificate.bound >= certificate.value
    drawn = [rows.worth(random.Random(i).sample(list(rows.names), 9)) for i in range(300)]
    assert certificate.value > max(drawn)


def test_an_encoder_is_paid_once_and_finished_runs_are_free():
    cells = [Cell("mnli", "xnli"), Cell("mnli", "pos"), Cell("qqp", "xnli")]
    needs = {
        cells[0]: frozenset({"encoder of mnli", "a"}),
        cells[1]: frozenset({"encoder of mnli", "b"}),
        cells[2]: frozenset({"encoder of qqp", "c"}),
    }
    bill = Bill(needs, {"encoder of mnli": 10.0, "a": 1.0, "b": 2.0, "c": 1.0})
    assert bill.of(cells[:1]) == 11
    assert bill.of(cells[:2]) == 13
    # The encoder of qqp is there.
    assert bill.of(cells) == 14
    assert bill.of(cells, paid={"a"}) == 13
