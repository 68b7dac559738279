"""A replayed plan: its money, its regret and its rivals, against sums by hand."""

import numpy as np
import pandas as pd
import pytest

from xstilts.core.errors import StudyError
from xstilts.inference.prediction import replay as module
from xstilts.inference.prediction.replay import Grid, grid_of, planned, replay


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(module, "RANDOM_DRAWS", 40)


def grid(rows=8, columns=5, seed=1, **others):
    random = np.random.default_rng(seed)
    gains = random.normal(size=(rows, 1)) + random.normal(size=(rows, columns))
    return Grid([f"r{i}" for i in range(rows)], [f"c{j}" for j in range(columns)], gains, **others)


def in_turn(offer):
    """A chooser that takes what adds most on average, for as long as the money lasts."""
    chosen, rows, left = [], set(offer.paid), offer.budget
    for place in np.argsort(-offer.worth.mean(axis=1)):
        row = offer.cells[place][0]
        price = 1 + (0 if row in rows else offer.encoder_price)
        if price <= left:
            left -= price
            rows.add(row)
            chosen.append(offer.cells[place])
    return chosen


def test_regret_is_the_share_of_what_a_random_row_loses():
    own = Grid(["a", "b", "c"], ["x", "y"], np.array([[3.0, 0.0], [0.0, 6.0], [0.0, 0.0]]))
    assert own.regret(np.zeros((3, 2))) == pytest.approx(1.0)
    # x takes b: 3 of the 2 that a random row loses; y takes a: 6 of 4.
    assert own.regret(np.array([[0, 1.0], [1, 0], [0, 0]])) == pytest.approx((3 / 2 + 6 / 4) / 2)
    assert own.regret(own.gains) == 0


def test_encoders_are_paid_once_and_nobody_overspends():
    own = grid(encoder_price=3.0)
    assert own.cost == 8 * 5 + 3 * 8
    asked = []

    def watched(offer):
        chosen = in_turn(offer)
        rows = {row for row, _ in chosen} - offer.paid
        asked.append((len(chosen) + offer.encoder_price * len(rows), offer.budget))
        return chosen

    list(planned(own, watched, np.linspace(0, 1, 11), 1))
    assert asked and all(price <= budget + 1e-9 for price, budget in asked)
    assert sum(price for price, _ in asked) <= own.cost + 1e-9


def test_with_all_the_money_nobody_has_regret():
    own = grid(similarity=np.random.default_rng(2).normal(size=(8, 5)))
    found = replay(own, in_turn, 10, 1)
    whole = found[found["share"] == 1]
    assert (whole["regret"] < 1e-12).all()
    assert set(found["strategy"]) == {
        "plan", "random rows", "random cells", "similarity", "most popular", "full search",
    }  # fmt: skip
    assert list(found.columns) == list(module.COLUMNS)


def test_a_choice_sees_no_gain_that_it_has_not_paid_for():
    """Unmeasured gains of another size change nothing before they are measured."""
    own = grid(seed=3)
    first: list = []

    def spied(offer):
        first.append(offer.worth.copy())
        return in_turn(offer)

    other = Grid(own.rows, own.columns, -7 * own.gains[::-1])
    for each in (own, other):
        next(iter(planned(each, spied, np.array([0.3]), 1)))
    assert first[0] == pytest.approx(first[1])


def test_a_perfect_cheap_grid_finds_the_best_at_once():
    regrets = []
    for seed in range(5):
        own = grid(rows=12, seed=seed)
        cheap = Grid(own.rows, own.columns, own.gains, None, own.gains * 2 + 1, 1 / 16)
        plain = dict(planned(own, in_turn, np.linspace(0, 1, 11), 1))
        helped = dict(planned(cheap, in_turn, np.linspace(0, 1, 11), 1))
        regrets.append((plain[0.4], helped[0.4]))
    plain, helped = np.mean(regrets, axis=0)
    assert helped < 0.05 < plain


def test_popularity_of_a_row_leaves_the_target_itself_out():
    own = Grid(["a", "b", "c"], ["x", "y"], np.array([[9.0, 1.0], [0.0, 2.0], [0.0, 3.0]]))
    popular = module._popularity(own)
    assert popular[:, 0].argmax() == 2 and popular[:, 1].argmax() == 0


@pytest.mark.parametrize(
    ("similarity", "cheap", "words"),
    [("x", None, "the table of similarities names none"), (None, "x", "the table of cheap gains")],
)
def test_tables_of_other_names_are_refused(similarity, cheap, words):
    table = pd.DataFrame(
        [(f"r{i}", f"c{j}", i * j) for i in range(4) for j in range(3)],
        columns=["intermediate", "target", "gain"],
    )
    others = table.assign(intermediate="elsewhere", similarity=1.0)
    with pytest.raises(StudyError, match=words):
        grid_of(table, others if similarity else None, others if cheap else None)
    with pytest.raises(StudyError, match="three and two or more"):
        grid_of(table[table["intermediate"] == "r1"], None, None)
