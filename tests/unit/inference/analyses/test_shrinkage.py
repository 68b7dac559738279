"""Shrunken gains: nearer to the truth than raw ones, the extreme above all."""

import numpy as np
from scenarios import Scenario, simulate

from xstilts.inference.analyses.ceiling import dyads_by_seed, seed_components
from xstilts.inference.analyses.shrinkage import shrunken_gains
from xstilts.inference.dyads import by_seed, dyads, seed_means, task_similarity


def test_extremes_lose_their_luck():
    # Truth: the mean of many seeds of the same study, of which three are looked at.
    raw, shrunken, errors = [], [], []
    for number in range(12):
        gains = simulate(Scenario(run=2.0), number, seeds=60).gains
        rows = seed_means(gains)
        similarity = task_similarity(simulate(Scenario(), number).similarity, "text_embedding")
        truth = dyads(rows, similarity)[0]["gain"].to_numpy()
        few = gains[gains["seed"] <= 3]
        table, _ = dyads(seed_means(few), similarity)
        noise = seed_components(dyads_by_seed(by_seed(few), table), "gain_scaled")
        found = shrunken_gains(table, noise, 3)
        top = int(table["gain"].argmax())
        raw.append(table["gain"].iloc[top] - truth[top])
        shrunken.append(found[top] - truth[top])
        errors.append([np.mean((each - truth) ** 2) for each in (table["gain"], found)])
    assert np.mean(raw) > 0.5
    assert abs(np.mean(shrunken)) < 0.5 * np.mean(raw)
    before, after = np.mean(errors, axis=0)
    assert after < before


def test_with_one_seed_nothing_is_known():
    study = simulate(Scenario(), 1)
    similarity = task_similarity(study.similarity, "text_embedding")
    table, _ = dyads(seed_means(study.gains), similarity)
    assert np.isnan(shrunken_gains(table, None, 1)).all()
