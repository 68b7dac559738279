"""Which GPU a job takes, on a machine that has none: CUDA is made believe."""

from types import SimpleNamespace

import pytest
import torch

from xstilts.core import device_slots
from xstilts.core.errors import StudyError
from xstilts.training import device
from xstilts.training.device import pick_device


@pytest.fixture
def gpus(monkeypatch, tmp_path):
    """`gpus(count)`: a machine with so many; what was set current is in `gpus.current`."""
    current = []
    monkeypatch.setattr(device_slots, "_held", {})
    monkeypatch.setattr(device_slots, "slots_folder", lambda: tmp_path / "slots")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)

    def make(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "set_device", current.append)
        monkeypatch.setattr(
            torch.cuda, "set_per_process_memory_fraction", lambda *of: make.parts.append(of)
        )
        monkeypatch.setattr(
            torch.cuda, "get_device_properties", lambda i: SimpleNamespace(uuid=f"GPU-{i}")
        )

    make.current, make.parts = current, []
    return make


def test_a_device_that_another_job_has_is_passed_over(gpus, monkeypatch):
    gpus(2)
    assert pick_device("gpu") == torch.device("cuda", 0)
    # The same job asks again, and then another one does.
    assert pick_device("gpu") == torch.device("cuda", 0)
    held = dict(device_slots._held)
    monkeypatch.setattr(device_slots, "_held", {})
    assert pick_device("gpu") == torch.device("cuda", 1)
    assert gpus.current == [0, 0, 1]
    assert held


def test_jobs_that_share_a_device_have_equal_parts_of_its_memory(gpus, monkeypatch):
    gpus(1)
    for _ in range(2):
        # Two jobs; the first keeps its files open in the list of what is held.
        held = dict(device_slots._held)
        monkeypatch.setattr(device_slots, "_held", {})
        assert pick_device("gpu", 2) == torch.device("cuda", 0)
        assert held is not device_slots._held
    assert gpus.parts == [(pytest.approx(0.475), 0)] * 2


def test_a_job_that_is_alone_may_take_all_memory(gpus):
    gpus(1)
    pick_device("gpu")
    assert gpus.parts == []


def test_under_slurm_its_only_device_is_not_locked(gpus, monkeypatch, tmp_path):
    gpus(1)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert pick_device("gpu") == torch.device("cuda", 0)
    assert not (tmp_path / "slots").exists()


def test_a_cpu_needs_no_slot_and_no_gpu_is_said(gpus, tmp_path):
    gpus(0)
    assert pick_device("cpu") == torch.device("cpu")
    with pytest.raises(StudyError, match="shows none to PyTorch"):
        pick_device("gpu")
    assert not (tmp_path / "slots").exists()


def test_a_run_is_not_computed_where_its_precision_is_imitated(monkeypatch):
    monkeypatch.setattr(device, "multiplies_bfloat16", lambda: False)
    cpu, gpu = torch.device("cpu"), torch.device("cuda", 0)
    device.check_precision("float32", cpu)
    with pytest.raises(StudyError, match="planned in bfloat16, for which this processor has no"):
        device.check_precision("bfloat16", cpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    with pytest.raises(StudyError, match="this GPU has no instructions; set precision: float32"):
        device.check_precision("bfloat16", gpu)
    monkeypatch.setattr(device, "multiplies_bfloat16", lambda: True)
    device.check_precision("bfloat16", cpu)
