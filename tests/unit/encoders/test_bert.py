"""The encoder against transformers' own models, on random weights that leave nothing at zero."""

import pytest
import torch

from xstilts.encoders.load import load_encoder

FAMILIES = [
    ("Bert", {"pad_token_id": 1, "type_vocab_size": 2}),
    ("Bert", {"pad_token_id": 1, "type_vocab_size": 2, "hidden_act": "gelu_new"}),
    ("Roberta", {"pad_token_id": 1, "type_vocab_size": 1}),
    ("XLMRoberta", {"pad_token_id": 1, "type_vocab_size": 1}),
]


@pytest.mark.parametrize(("kind", "settings"), FAMILIES)
def test_states_of_every_layer_equal_those_of_transformers(tiny, batch, kind, settings):
    model, folder = tiny(kind, **settings)
    ids, mask = batch
    encoder = load_encoder(folder)
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
        embedded = encoder.embed(ids, mask)
        ours = [embedded, *encoder.run(embedded, mask, all_layers=True)]
    assert len(ours) == len(theirs) == 5
    for own, their in zip(ours, theirs, strict=True):
        assert their[mask].abs().mean() > 0.3
        torch.testing.assert_close(own[mask], their[mask], rtol=0, atol=1e-5)


def test_names_are_those_of_transformers(tiny):
    model, folder = tiny("Bert", pad_token_id=1)
    theirs = {name for name in model.state_dict() if not name.startswith("pooler.")}
    assert set(load_encoder(folder).state_dict()) == theirs


def test_token_types_mark_segments(tiny, batch):
    model, folder = tiny("Bert", pad_token_id=1)
    ids, mask = batch
    types = torch.zeros_like(ids)
    types[:, 4:] = 1
    encoder = load_encoder(folder)
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask.long(), token_type_ids=types).last_hidden_state
        ours = encoder.run(encoder.embed(ids, mask, types), mask)
    torch.testing.assert_close(ours[mask], theirs[mask], rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["Bert", "XLMRoberta"])
def test_gradients_equal_those_of_transformers(tiny, batch, kind):
    model, folder = tiny(kind, pad_token_id=1)
    ids, mask = batch
    encoder = load_encoder(folder)
    model(ids, attention_mask=mask.long()).last_hidden_state[mask].pow(3).mean().backward()
    encoder(ids, mask)[mask].pow(3).mean().backward()
    theirs = dict(model.named_parameters())
    for name, parameter in encoder.named_parameters():
        assert parameter.requires_grad
        torch.testing.assert_close(parameter.grad, theirs[name].grad, rtol=1e-4, atol=1e-5)


def test_run_in_two_parts_is_run_in_one(tiny, batch):
    _, folder = tiny()
    ids, mask = batch
    encoder = load_encoder(folder)
    upper = load_encoder(folder, first_layer=3)
    with torch.no_grad():
        embedded = encoder.embed(ids, mask)
        lower = encoder.run(embedded, mask, last=3)
        whole = encoder.run(embedded, mask)
        assert torch.equal(encoder.run(lower, mask, first=3), whole)
        assert torch.equal(upper.run(lower, mask), whole)
        assert torch.equal(encoder(ids, mask), whole)
        assert torch.equal(encoder.run(embedded, mask, last=0), embedded)


def test_padding_changes_no_state(tiny, batch):
    _, folder = tiny()
    ids, mask = batch
    encoder = load_encoder(folder)
    with torch.no_grad():
        padded = encoder(ids, mask)[1, :5]
        alone = encoder(ids[1:2, :5], mask[1:2, :5])[0]
    torch.testing.assert_close(padded, alone, rtol=0, atol=1e-5)


def test_a_row_of_padding_alone_stays_finite(tiny, batch):
    _, folder = tiny()
    ids, mask = batch
    mask = mask.clone()
    mask[0] = False
    for dtype in (torch.float32, torch.bfloat16):
        encoder = load_encoder(folder, dtype=dtype)
        assert encoder(ids, mask).isfinite().all()


def test_bfloat16_is_close(tiny, batch):
    _, folder = tiny()
    ids, mask = batch
    with torch.no_grad():
        exact = load_encoder(folder)(ids, mask)[mask]
        rounded = load_encoder(folder, dtype=torch.bfloat16)(ids, mask)[mask]
    assert rounded.dtype == torch.bfloat16
    assert torch.nn.functional.cosine_similarity(exact, rounded.float()).min() > 0.99


def test_dropout_is_off_unless_asked_for(tiny, batch):
    _, folder = tiny(hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5)
    ids, mask = batch
    plain = load_encoder(folder).train()
    assert torch.equal(plain(ids, mask), plain(ids, mask))
    dropping = load_encoder(folder, dropout=0.3)
    assert torch.equal(dropping(ids, mask), plain(ids, mask))
    dropping.train()
    torch.manual_seed(3)
    first = dropping(ids, mask)
    assert not torch.equal(first, dropping(ids, mask))
    torch.manual_seed(3)
    assert torch.equal(first, dropping(ids, mask))


def test_misuse_is_refused(tiny, batch):
    _, folder = tiny()
    ids, mask = batch
    upper = load_encoder(folder, first_layer=2)
    with pytest.raises(ValueError, match="no embeddings"):
        upper.embed(ids, mask)
    with pytest.raises(ValueError, match="not among 2 to 4"):
        upper.run(torch.zeros(3, 9, 24), mask, first=1)
