"""What is believed of gains once cheap ones are known: levels of targets, spread, order."""

import numpy as np
import pytest

from xstilts.inference.prediction.study_tables import believed

ROWS = [f"i{place}" for place in range(12)]
HELPED, HARMED = "helped", "harmed"


def cheap_gains(seed=1, spread=2.0):
    random = np.random.default_rng(seed)
    levels = {HELPED: 3.0, HARMED: -6.0}
    return {(row, target): level + spread * random.normal()
            for target, level in levels.items() for row in ROWS}  # fmt: skip


def test_a_target_that_no_cheap_row_helps_is_expected_to_be_best_served_by_none():
    cheap = cheap_gains()
    found = believed(ROWS, [HELPED, HARMED], {}, {}, cheap, seed=1)
    means = {target: np.mean([found.mean[row, target] for row in ROWS])
             for target in (HELPED, HARMED)}  # fmt: skip
    expected = {target: np.mean([cheap[row, target] for row in ROWS]) for target in means}
    assert means == pytest.approx(expected, abs=0.05)
    wins = np.mean([max(draw[row, HARMED] for row in ROWS) > 0 for draw in found.scenarios])
    assert wins < 0.5
    # The best cheap row is expected to be the best, by less than it was cheaply.
    own = {row: cheap[row, HELPED] for row in ROWS}
    first = max(own, key=own.get)
    assert first == max(ROWS, key=lambda row: found.mean[row, HELPED])
    assert found.mean[first, HELPED] < own[first]


def test_full_gains_overrule_the_cheap_level():
    cheap = cheap_gains()
    measured = {(row, HARMED): 4.0 + 0.1 * place for place, row in enumerate(ROWS[:6])}
    found = believed(ROWS, [HELPED, HARMED], measured, {}, cheap, seed=1)
    assert found.mean[ROWS[0], HARMED] == pytest.approx(4.0)
    assert found.deviation[ROWS[0], HARMED] == pytest.approx(0.0, abs=1e-6)
    assert np.mean([found.mean[row, HARMED] for row in ROWS[6:]]) > 2


def test_without_cheap_gains_one_point_is_the_spread():
    found = believed(ROWS, [HELPED], {}, {}, {}, seed=1)
    assert set(found.mean.values()) == {0.0}
    assert found.deviation[ROWS[0], HELPED] == pytest.approx(1.0, abs=0.05)
