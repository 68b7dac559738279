import torch

from xstilts.encoders.pooling import mean


def test_mean_over_tokens_by_hand():
    hidden = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [99.0, 99.0]], [[5.0, 1.0]] * 3])
    mask = torch.tensor([[True, True, False], [False, False, False]])
    assert mean(hidden, mask).tolist() == [[2.0, 4.0], [0.0, 0.0]]
    assert mean(hidden.bfloat16(), mask).dtype == torch.bfloat16
