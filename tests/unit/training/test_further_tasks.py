"""Every intermediate task beyond the paper's nine: read, prepared, trained and scored.

Real samples, a random encoder of two layers and a tokenizer of letters: what is shown is that each
sheet reads what is published, not that anything is learnt.
"""

import math

import pytest

from helpers.real_tasks import FURTHER, prepare_real, real_workshop
from helpers.workshop import make

LIMITS = {"train": 48, "dev": 24}


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_a_real_sample_is_read_prepared_trained_and_scored(tmp_path, root, samples, name):
    workshop = real_workshop(tmp_path)
    sheet, receipt = prepare_real(workshop, root, samples, name, LIMITS)
    assert receipt["rows"] == {"train": {"en": 48}, "dev": {"en": 24}, "test": {}}
    assert receipt["dropped"] == {}
    job = workshop.job(name, "intermediate", [name], epochs=1)
    job.recipe["tasks"][0]["metric"] = sheet["metrics"][0]
    run = make(job)
    training, dev = run["training"], run["dev"][name]
    # An encoder of random weights may well give one answer to all (`diverged`).
    assert training["diverged"] is None and training["steps"] == training["planned_steps"] > 5
    assert math.isfinite(training["loss_first"]) and math.isfinite(training["loss_last"])
    assert dev["n"] == 24 and dev["metric"] == sheet["metrics"][0]
    assert -100 <= dev["score"] <= 100
