"""Encoders outside the BERT and RoBERTa families, through transformers."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from xstilts.core.errors import StudyError
from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import save_trained, transplant

OTHERS = [
    ("Electra", {"embedding_size": 16, "pad_token_id": 1}),
    ("DistilBert", {"dim": 24, "n_heads": 3, "n_layers": 4, "hidden_dim": 40, "pad_token_id": 1}),
    ("DebertaV2", {"pad_token_id": 1, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]}),
    ("MT5", {"d_model": 24, "d_kv": 8, "num_heads": 3, "num_layers": 4, "d_ff": 40}),
]


@pytest.mark.parametrize(("kind", "settings"), OTHERS)
def test_states_equal_those_of_the_model(tiny, batch, kind, settings):
    model, folder = tiny(kind, **settings)
    model = model.get_encoder() if kind == "MT5" else model
    ids, mask = batch
    encoder = load_encoder(folder)
    assert (encoder.hidden_size, encoder.layer_count, encoder.first_layer) == (24, 4, 0)
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask.long(), output_hidden_states=True)
        embedded = encoder.embed(ids, mask)
        last = encoder.run(embedded, mask)
        states = encoder.run(embedded, mask, all_layers=True)
        second = encoder.run(embedded, mask, last=2)
    torch.testing.assert_close(last[mask], theirs.last_hidden_state[mask], rtol=0, atol=1e-5)
    assert len(states) == 4
    torch.testing.assert_close(states[1][mask], theirs.hidden_states[2][mask], rtol=0, atol=1e-5)
    assert torch.equal(second, states[1])


def test_dropout_replaces_the_rates_of_the_config(tiny, batch):
    _, folder = tiny("Electra", pad_token_id=1, embedding_size=16)
    encoder = load_encoder(folder).train()
    assert torch.equal(encoder(*batch), encoder(*batch))
    dropping = load_encoder(folder, dropout=0.3).train()
    assert not torch.equal(dropping(*batch), dropping(*batch))


def test_transplant_carries_the_whole_model(tiny, batch, tmp_path):
    _, folder = tiny("Electra", pad_token_id=1, embedding_size=16)
    trained = load_encoder(folder)
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.mul_(1.1)
    saved = save_trained(trained, tmp_path / "w.safetensors", 0)
    fresh = load_encoder(folder)
    assert transplant(fresh, tmp_path / "w.safetensors")["carried"] == saved["count"]
    assert torch.equal(fresh(*batch), trained(*batch))


def test_frozen_layers_cannot_be_cached(tiny):
    _, folder = tiny("Electra", pad_token_id=1)
    with pytest.raises(StudyError, match=r"rembert, roberta, xlm-roberta only.*'electra'"):
        load_encoder(folder, first_layer=1)


def test_damaged_weights_are_a_study_error(tiny):
    _, folder = tiny("Electra", pad_token_id=1)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StudyError, match="transformers cannot load this encoder"):
        load_encoder(folder)


def test_unknown_model_type_is_a_study_error(tiny):
    _, folder = tiny("Electra", pad_token_id=1)
    path = folder / "config.json"
    path.write_text(path.read_text().replace('"electra"', '"elektra"'))
    with pytest.raises(StudyError, match="elektra"):
        load_encoder(folder)


def test_a_pooler_is_neither_needed_nor_carried(tiny, batch, tmp_path):
    _, folder = tiny("MPNet", pad_token_id=1, hidden_dropout_prob=0.0)
    expected = load_encoder(folder)(*batch)
    weights = folder / "model.safetensors"
    tensors = load_file(weights)
    poolers = [name for name in tensors if name.startswith("pooler.")]
    assert poolers
    save_file({n: t for n, t in tensors.items() if n not in poolers}, weights, {"format": "pt"})
    encoder = load_encoder(folder)
    assert torch.equal(encoder(*batch), expected)
    kept = save_trained(encoder, tmp_path / "w.safetensors", 0)["tensors"]
    assert set(kept) == set(tensors) - set(poolers)


def test_missing_tensors_are_not_drawn_at_random(tiny):
    _, folder = tiny("Electra", pad_token_id=1)
    weights = folder / "model.safetensors"
    lost = "encoder.layer.1.output.dense.bias"
    tensors = load_file(weights)
    save_file({n: t for n, t in tensors.items() if n != lost}, weights, {"format": "pt"})
    with pytest.raises(StudyError, match=rf"lacks 1 tensors .* {lost} for one"):
        load_encoder(folder)


def test_token_types_equal_those_of_the_model(tiny, batch):
    model, folder = tiny("Electra", pad_token_id=1, embedding_size=16)
    ids, mask = batch
    types = (torch.arange(9) > 4).long().expand(3, -1)
    encoder = load_encoder(folder)
    with torch.no_grad():
        theirs = model(ids, attention_mask=mask.long(), token_type_ids=types).last_hidden_state
        ours = encoder.run(encoder.embed(ids, mask, types), mask)
    torch.testing.assert_close(ours[mask], theirs[mask], rtol=0, atol=1e-5)
    assert not torch.allclose(encoder(ids, mask)[mask], theirs[mask], atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "longest"), [("MPNet", 18), ("Electra", 20), ("XLMRoberta", 18), ("Bert", 20)]
)
def test_longest_input_leaves_out_the_paddings_positions(tiny, kind, longest):
    _, folder = tiny(kind, pad_token_id=1)
    encoder = load_encoder(folder)
    assert encoder.longest_input == longest
    ids = torch.full((1, longest), 7)
    encoder(ids, torch.ones_like(ids, dtype=torch.bool))
    with pytest.raises(StudyError, match=rf"{longest + 1} tokens is longer .* {longest} pos"):
        encoder(torch.full((1, longest + 1), 7), torch.ones(1, longest + 1, dtype=torch.bool))


def test_relative_positions_set_no_bound(tiny):
    relative = {"relative_attention": True, "pos_att_type": ["p2c"], "position_biased_input": False}
    encoder = load_encoder(tiny("DebertaV2", pad_token_id=1, **relative)[1])
    assert encoder.longest_input is None
    encoder(torch.full((1, 40), 7), torch.ones(1, 40, dtype=torch.bool))
