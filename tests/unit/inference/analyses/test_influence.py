"""One-step influence against fits from scratch."""

import numpy as np
import pytest
from scenarios import Scenario, simulate

from xstilts.inference.analyses import influence as module
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads
from xstilts.inference.analyses.influence import influence, one_step
from xstilts.inference.dyads import dyads, seed_means, task_similarity


@pytest.fixture(scope="module")
def study():
    names = [f"row{k:02d}" for k in range(16)]
    targets = dict.fromkeys([f"column{k:02d}" for k in range(14)], 3)
    return simulate(
        Scenario(slope=0.5, slope_spread=0.3), 2, intermediates=names, languages_of=targets,
        languages=3,
    )  # fmt: skip


def test_of_the_whole_it_is_the_fit(study):
    similarity = task_similarity(study.similarity, "text_embedding")
    table, _ = dyads(seed_means(study.gains), similarity)
    whole = fit_dyads(table)
    again = one_step(table, (), whole)
    expected, got = (each.kenward_roger(SIMILARITY) for each in (whole, again))
    for name in ("estimate", "standard_error", "df", "p"):
        assert getattr(got, name) == pytest.approx(getattr(expected, name), rel=1e-6)


def test_without_one_task_it_is_near_the_fit_from_scratch(study, monkeypatch):
    similarity = task_similarity(study.similarity, "text_embedding")
    arguments = seed_means(study.gains), similarity, study.languages, ()
    quick = influence(*arguments)
    monkeypatch.setattr(module, "REFITTED", 10_000)
    slow = influence(*arguments)
    assert [row["left_out"] for row in quick] == [row["left_out"] for row in slow]
    apart, wider = [], []
    for one, other in zip(quick, slow, strict=True):
        width = other["high"] - other["low"]
        apart.append(abs(one["estimate"] - other["estimate"]) / width)
        wider.append(abs(np.log((one["high"] - one["low"]) / width)))
    assert max(apart) < 0.1
    # One of three languages less changes the variances themselves.
    assert max(wider) < 0.25
    assert np.median(wider) < 0.05
