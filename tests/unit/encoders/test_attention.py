"""On a processor attention stays float32 where autocast makes everything else bfloat16."""

import pytest
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from helpers.tiny_encoders import save_tiny
from xstilts.encoders.attention import float32_attention
from xstilts.encoders.load import load_encoder


class Seen(TorchFunctionMode):
    """Types of what attention and linear maps are given."""

    def __init__(self):
        super().__init__()
        self.attention, self.linear = set(), set()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is functional.scaled_dot_product_attention:
            kind = (torch.is_autocast_enabled("cpu"), args[0].dtype, args[2].dtype)
            self.attention.add(kind)
        found = func(*args, **(kwargs or {}))
        if func is functional.linear:
            self.linear.add(found.dtype)
        return found


@pytest.mark.parametrize("family", ["xlm-r", "xlm-r-xl", "distilbert"])
def test_attention_is_float32_and_linear_maps_are_bfloat16(family, tmp_path):
    """By our own encoder and by transformers'."""
    save_tiny(family, tmp_path)
    encoder = load_encoder(tmp_path).train()
    ids = torch.tensor([[2, 7, 8, 9], [2, 9, 0, 0]])
    mask = ids > 0
    plain = encoder(ids, mask)
    with Seen() as seen, torch.autocast("cpu", dtype=torch.bfloat16):
        states = encoder(ids, mask)
    assert seen.attention == {(False, torch.float32, torch.float32)}
    assert seen.linear == {torch.bfloat16}
    states.float()[mask].pow(2).sum().backward()
    assert all(one.grad.isfinite().all() for one in encoder.parameters() if one.grad is not None)
    torch.testing.assert_close(states.float()[mask], plain[mask], rtol=0, atol=0.2)
    assert not torch.equal(states.float(), plain)


def test_without_autocast_nothing_is_in_the_way():
    assert not isinstance(float32_attention("cpu"), TorchFunctionMode)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert isinstance(float32_attention("cpu"), TorchFunctionMode)
        assert not isinstance(float32_attention("cuda"), TorchFunctionMode)
