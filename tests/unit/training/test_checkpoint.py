"""A checkpoint comes back whole or not at all."""

import math

import pytest
import torch

from xstilts.core.errors import StudyError
from xstilts.training import checkpoint

TENSORS = {
    "now/weight": torch.tensor([[1.5, -2.0], [math.inf, math.nan]]),
    "moment/count": torch.tensor(7.0),  # no dimensions, as a step counter has none
    "best/empty": torch.zeros(0, 3),
    "half": torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
}
STATE = {"step": 3, "best_score": -math.inf, "losses": [0.1, 1e-17], "diverged": None, "word": "ß"}


def same_bits(one, two):
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert (tensor.dtype, tensor.shape) == (two[name].dtype, two[name].shape), name
        assert torch.equal(
            tensor.reshape(-1).view(torch.uint8), two[name].reshape(-1).view(torch.uint8)
        ), name


def test_round_trip(tmp_path):
    checkpoint.save(tmp_path / "new" / "folder", TENSORS, STATE)
    tensors, state = checkpoint.load(tmp_path / "new" / "folder")
    same_bits(tensors, TENSORS)
    assert state == STATE
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == [checkpoint.NAME]


def test_none_is_none(tmp_path, capsys):
    assert checkpoint.load(tmp_path) is None
    assert checkpoint.load(tmp_path / "absent") is None
    assert capsys.readouterr().err == ""


def test_the_newest_replaces_the_one_before(tmp_path):
    for step in (1, 2):
        checkpoint.save(tmp_path, {"x": torch.tensor([float(step)])}, {"step": step})
    tensors, state = checkpoint.load(tmp_path)
    assert (tensors["x"].item(), state["step"]) == (2.0, 2)


def test_a_save_that_fails_leaves_the_one_before(tmp_path, monkeypatch):
    checkpoint.save(tmp_path, TENSORS, STATE)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(StudyError, match="No space"):
        checkpoint.save(tmp_path, TENSORS, {"step": 9})
    assert checkpoint.load(tmp_path)[1]["step"] == 3
    assert len(list(tmp_path.iterdir())) == 1


def test_no_single_flipped_bit_gives_other_numbers(tmp_path, capsys):
    """Every bit of a small checkpoint, header and all."""
    checkpoint.save(tmp_path, TENSORS, STATE)
    path = tmp_path / checkpoint.NAME
    whole = path.read_bytes()
    refused = 0
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            found = checkpoint.load(tmp_path)
            if found is None:
                refused += 1
                assert not path.exists()
                continue
            # Nothing but the layout changed (a blank, say): the numbers are those that were saved.
            same_bits(found[0], TENSORS)
            assert found[1] == STATE
    assert refused > 0.95 * 8 * len(whole)
    assert capsys.readouterr().err.count("starting this run anew") == refused


def test_no_truncation_is_taken_for_a_checkpoint(tmp_path):
    checkpoint.save(tmp_path, TENSORS, STATE)
    path = tmp_path / checkpoint.NAME
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert checkpoint.load(tmp_path) is None, size
