"""Word embeddings of the training text alone: the rows that are used move as torch moves them."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from helpers.tiny_encoders import FAMILIES, save_tiny
from xstilts.core.errors import StudyError
from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import save_trained, transplant
from xstilts.encoders.words import PADDED_WITH, TrainedWords, train_words_of, word_rows

TOKENS = np.array([7, 3, 11, 3])
USED = [PADDED_WITH, 3, 7, 11]


@pytest.fixture
def folder(tiny):
    return tiny()[1]


def batch():
    ids = torch.tensor([[3, 7, 11, 3], [7, 7, PADDED_WITH, PADDED_WITH]])
    return ids, torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]]).bool()


def table_of(encoder):
    return encoder.get_input_embeddings()


def train(encoder, steps, clip=None):
    """AdamW of torch's class, decay included, on a loss of the last states."""
    encoder.train()
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=1e-2, weight_decay=0.1, fused=True)
    ids, mask = batch()
    for _ in range(steps):
        optimiser.zero_grad()
        (encoder(ids, mask)[mask] ** 3).mean().backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), clip)
        optimiser.step()
    return encoder.eval()


@pytest.mark.parametrize("clip", [None, 1e-3])
def test_used_rows_move_as_in_torchs_adamw_of_the_whole_table_and_others_stay(folder, clip):
    whole, ours = load_encoder(folder), load_encoder(folder)
    before = table_of(whole).weight.detach().clone()
    assert train_words_of(ours, [TOKENS]) == {"trained": 4, "of": len(before)}
    train(whole, 7, clip), train(ours, 7, clip)
    # The norm of a gradient adds up its zeros in another order.
    same = {"rtol": 0, "atol": 0} if clip is None else {"rtol": 1e-5, "atol": 1e-6}
    theirs, found = table_of(whole).weight.detach(), table_of(ours).whole
    torch.testing.assert_close(found[USED], theirs[USED], **same)
    unused = [token for token in range(len(before)) if token not in USED]
    assert torch.equal(found[unused], before[unused])
    assert not torch.equal(found[USED[1:]], before[USED[1:]])
    # All that AdamW does to a row without a gradient is decay.
    shrunk = before[unused] * (1 - 1e-2 * 0.1) ** 7
    torch.testing.assert_close(theirs[unused], shrunk, rtol=1e-5, atol=0)
    names = [name for name, _ in whole.named_parameters()]
    assert [name for name, _ in ours.named_parameters()] == names
    for name, parameter in ours.named_parameters():
        if parameter is not table_of(ours).weight:
            other = whole.get_parameter(name)
            torch.testing.assert_close(parameter, other, **same, msg=name)


def test_evaluation_sees_the_learned_rows_and_any_other_token(folder):
    whole, ours = load_encoder(folder), load_encoder(folder)
    train_words_of(ours, [TOKENS])
    ids = torch.arange(4, 12)[None]
    mask = torch.ones_like(ids).bool()
    assert torch.equal(ours(ids, mask), whole(ids, mask))
    for encoder in (whole, ours):
        encoder.train()
        with torch.no_grad():
            word_rows(encoder, torch.tensor([7]))  # looked up while it trains
            weight = table_of(encoder).weight
            weight[2 if len(weight) == 4 else 7] += 1.0
        encoder.eval()
    assert torch.equal(ours(ids, mask), whole(ids, mask))
    assert torch.equal(word_rows(ours, ids[0]), word_rows(whole, ids[0]))


def test_a_token_that_is_not_trained_cannot_be_read_in_training(folder):
    encoder = load_encoder(folder)
    train_words_of(encoder, [TOKENS])
    with pytest.raises(IndexError):
        encoder.train()(torch.tensor([[3, 4]]), torch.ones(1, 2).bool())


def test_the_paddings_row_takes_no_gradient(folder):
    encoder = load_encoder(folder)
    pad = encoder.config.pad_token_id
    train_words_of(encoder, [np.array([pad, 9])])
    ids = torch.tensor([[9, pad]])
    encoder.train()(ids, torch.ones_like(ids).bool())[0].sum().backward()
    gradient = dict(
        zip(table_of(encoder).tokens.tolist(), table_of(encoder).weight.grad, strict=True)
    )
    assert not gradient[pad].any()
    assert gradient[9].any()


def test_frozen_embeddings_and_tables_of_another_kind_are_left_alone(folder):
    upper = load_encoder(folder, first_layer=1)
    assert train_words_of(upper, [TOKENS]) is None
    encoder = load_encoder(folder)
    encoder.set_input_embeddings(torch.nn.Linear(3, 3))
    assert train_words_of(encoder, [TOKENS]) is None


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_trains_its_used_rows_alike(family, tmp_path):
    """Embeddings that are scaled (M2M-100, Gemma) included."""
    folder = tmp_path
    save_tiny(family, folder)
    whole, ours = load_encoder(folder), load_encoder(folder)
    train_words_of(ours, [TOKENS])
    before = table_of(whole).weight.detach().clone()
    train(whole, 3), train(ours, 3)
    assert isinstance(table_of(ours), TrainedWords)
    found = table_of(ours).whole
    torch.testing.assert_close(found[USED], table_of(whole).weight[USED], rtol=1e-5, atol=1e-6)
    assert not torch.equal(found[USED[1:]], before[USED[1:]])
    ids, mask = batch()
    ids = ids + 1
    with torch.no_grad():
        table_of(whole).weight.copy_(found)
        torch.testing.assert_close(ours(ids, mask)[mask], whole(ids, mask)[mask], atol=1e-5, rtol=0)


def test_files_hold_the_rows_of_this_run_and_of_those_before(folder, tmp_path):
    parent, child = load_encoder(folder), load_encoder(folder)
    train_words_of(parent, [np.array([4, 5])])
    saved = save_trained(train_shifted(parent), tmp_path / "parent", 0)
    transplant(child, tmp_path / "parent")
    train_words_of(child, [np.array([5, 9])])
    train_shifted(child)
    assert save_trained(child, tmp_path / "child", 0)["tensors"] == saved["tensors"]
    assert load_file(tmp_path / "parent")["trained_tokens"].tolist() == [0, 4, 5]
    assert load_file(tmp_path / "child")["trained_tokens"].tolist() == [0, 4, 5, 9]
    fresh = load_encoder(folder)
    transplant(fresh, tmp_path / "child")
    untuned = table_of(load_encoder(folder)).weight
    moved = (table_of(fresh).weight != untuned).any(1).nonzero().flatten().tolist()
    assert moved == [0, 4, 5, 9]
    torch.testing.assert_close(table_of(fresh).weight[5] - untuned[5], torch.full((24,), 2.0))
    assert torch.equal(table_of(fresh).weight, table_of(child).whole)


def train_shifted(encoder):
    with torch.no_grad():
        table_of(encoder).weight.add_(1.0)
    return encoder


@pytest.mark.parametrize("tokens", [[0, 5, 4], [0, 4, 4], [0, 4, 10**6], [-1, 4, 5]])
def test_tokens_that_are_none_are_refused(folder, tmp_path, tokens):
    encoder, path = load_encoder(folder), tmp_path / "w.safetensors"
    train_words_of(encoder, [np.array([4, 5])])
    save_trained(encoder, path, 0)
    tensors = load_file(path) | {"trained_tokens": torch.tensor(tokens)}
    from safetensors.torch import save_file

    save_file(tensors, path, metadata={"first_layer": "0"})
    with pytest.raises(StudyError, match="trained_tokens are not those of a vocabulary"):
        transplant(load_encoder(folder), path)
