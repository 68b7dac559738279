"""The probe's head: Adam as torch has it, without what torch's class imports."""

import numpy as np
import torch

from helpers.imported_modules import assert_never_imported
from helpers.workshop import Workshop
from xstilts.encoders.load import load_encoder
from xstilts.similarity.labelled import labelled_sample
from xstilts.similarity.probe import LEARNING_RATE, STEPS, fit_probe, states_of

CPU = torch.device("cpu")


def sample_of(workshop):
    workshop.trained("pairs", "pair_classification")
    return labelled_sample(workshop.data("pairs"), None, 0, "pair_classification", 16, 1)


def test_the_head_is_that_of_torchs_adam(tmp_path):
    workshop = Workshop(tmp_path)
    task, encoder = sample_of(workshop), load_encoder(workshop.encoder)
    found = fit_probe(encoder, task, "mean", 3, CPU)
    torch.manual_seed(3)
    head = task.kind.build_head(encoder.hidden_size, task.labels, "mean", 0.0)
    optimiser = torch.optim.Adam(head.parameters(), lr=LEARNING_RATE)
    units = np.sort(task.chosen)
    with torch.no_grad():
        states = states_of(encoder, task, units, CPU)
    for _ in range(STEPS):
        optimiser.zero_grad()
        task.kind.loss(head, states, task.inputs, units).backward()
        optimiser.step()
    for one, two in zip(found.parameters(), head.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-5)


def test_torchs_compiler_is_not_imported(tmp_path):
    """It would cost every task of a study a second of CPU."""
    workshop = Workshop(tmp_path)
    sample_of(workshop)
    code = (
        "import torch; from pathlib import Path\n"
        "from xstilts.encoders.load import load_encoder\n"
        "from xstilts.similarity.labelled import labelled_sample\n"
        "from xstilts.similarity.probe import fit_probe\n"
        f"data, encoder = Path({str(workshop.data('pairs'))!r}), Path({str(workshop.encoder)!r})\n"
        "sample = labelled_sample(data, None, 0, 'pair_classification', 16, 1)\n"
        "fit_probe(load_encoder(encoder), sample, 'mean', 3, torch.device('cpu'))\n"
    )
    assert_never_imported(code, "torch._dynamo", "sympy")
