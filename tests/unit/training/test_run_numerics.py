"""What the receipts of runs say they were computed with."""

import os
import subprocess
import sys

import pytest
import torch

from helpers.workshop import make
from xstilts.training.device import numerics

CPU = torch.device("cpu")


def test_receipts_name_numerics_and_those_of_the_parent(workshop):
    for task in ("pairs", "target"):
        workshop.trained(task, "pair_classification")
    parent = workshop.job("intermediate", "intermediate", ["pairs"])
    own = make(parent)["numerics"]
    assert own == numerics(CPU, "float32")
    receipt = make(workshop.job("run", "target", ["target"], ["target"], parent=parent))
    assert receipt["numerics"] == receipt["parent_numerics"] == own
    baseline = make(workshop.job("none", "target", ["target"], ["target"]))
    assert "parent_numerics" not in baseline


@pytest.mark.parametrize("capability", ["default", "avx2"])
def test_a_lowered_capability_is_seen(capability):
    code = (
        "import torch\nfrom xstilts.training.device import numerics\n"
        "print(numerics(torch.device('cpu'), 'float32')['cpu_capability'])"
    )
    environment = {
        **os.environ, "ATEN_CPU_CAPABILITY": capability, "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert said.stdout.decode().strip() in (
        {"DEFAULT", "NO AVX"} if capability == "default" else {"AVX2", "DEFAULT", "NO AVX"}
    )


def test_threads_are_seen():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert numerics(CPU, "float32")["threads"] == 2
    finally:
        torch.set_num_threads(before)
