"""Intervals of selection's skill: how often they exclude chance where there is nothing to find."""

import numpy as np
import pandas as pd
from scenarios import NULL, simulate

from xstilts.inference.analyses.selection import selection
from xstilts.inference.dyads import dyads, seed_means, task_similarity


def of_study(seed: int) -> pd.DataFrame:
    study = simulate(NULL["N1"], seed, languages=3, languages_of=dict.fromkeys("abcdefghi", 3))
    similarity = task_similarity(study.similarity, "text_embedding")
    table, _ = dyads(seed_means(study.gains), similarity)
    means = pd.DataFrame(selection(table, None, 100, seed)).query("held_out == 'mean'")
    return means.set_index(["scheme", "predictor", "metric"])


def test_chance_is_excluded_as_seldom_as_it_should():
    excluded = []
    for seed in range(60):
        means = of_study(seed)
        row = means.loc["leave_one_target_out", "similarity", "recovered_at_1"]
        assert row["low"] <= row["value"] <= row["high"]
        excluded.append(not row["low"] <= row["chance"] <= row["high"])
    # 3 of 60 expected; more than 8 in fewer than one of a hundred such tests.
    assert np.sum(excluded) <= 8
