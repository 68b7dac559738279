"""Encoders of every family named in the README: trained, carried over, predicted with.

Tiny and random, but made and saved by transformers with the settings of the published ones.
"""

import shutil

import pytest
import torch

from helpers import rows
from helpers.tiny_encoders import MDEBERTA, save_tiny
from helpers.workshop import Workshop, make, predictions, weights
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.processor import multiplies_bfloat16
from xstilts.core.receipts import publish, read_receipt
from xstilts.encoders.load import load_encoder
from xstilts.training.device import arithmetic

SMALL = {
    "vocab_size": rows.VOCABULARY, "hidden_size": 16, "num_hidden_layers": 3,
    "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 34,
    "pad_token_id": 1,
}  # fmt: skip
# Family, class that is saved (with or without a head, with or without a pooler), settings, and
# whether the tokenizer tells segments apart by token types.
ENCODERS = {
    "xlm-r": ("XLMRoberta", "ForMaskedLM", {"type_vocab_size": 1, "layer_norm_eps": 1e-5}, 0),
    "mbert": ("Bert", "ForMaskedLM", {}, 1),
    "multilingual-e5": ("Bert", "Model", {}, 0),
    "mdeberta": ("DebertaV2", "ForMaskedLM", MDEBERTA, 1),
    "rembert": ("RemBert", "Model", {"input_embedding_size": 8, "output_embedding_size": 12}, 1),
    # XLM-R with 401,144 and 901,629 words.
    "glot500": ("XLMRoberta", "ForMaskedLM", {"type_vocab_size": 1, "layer_norm_eps": 1e-5}, 0),
    "xlm-v": ("XLMRoberta", "ForMaskedLM", {"type_vocab_size": 1, "layer_norm_eps": 1e-5}, 0),
    # mmBERT: rotary positions, every third layer sees all tokens and the others their neighbours.
    "mmbert": (
        "ModernBert", "ForMaskedLM",
        {"cls_token_id": 2, "sep_token_id": 3, "global_attn_every_n_layers": 3,
         "local_attention": 8, "tie_word_embeddings": True}, 0,
    ),
    "eurobert": ("EuroBert", "ForMaskedLM", {"num_key_value_heads": 1, "head_dim": 8}, 0),
}  # fmt: skip
# Layers of other families run in transformers, and none apart.
OTHERS = {"mdeberta": "deberta-v2", "mmbert": "modernbert", "eurobert": "eurobert"}
CACHED = [name for name in ENCODERS if name not in OTHERS]


@pytest.fixture
def workshops(tmp_path):
    def open_one(name):
        import transformers

        kind, head, settings, second_type = ENCODERS[name]
        torch.manual_seed(3)
        config = getattr(transformers, f"{kind}Config")(**SMALL, initializer_range=0.4, **settings)
        model = getattr(transformers, kind + head)(config).eval()
        workshop = Workshop(tmp_path / name)
        shutil.rmtree(workshop.encoder)
        model.save_pretrained(workshop.encoder)
        files = {one.name: file_sha256(one) for one in sorted(workshop.encoder.iterdir())}
        publish(workshop.encoder, {"files": files})
        for task, of_kind in (("pairs", "pair_classification"), ("tags", "tagging")):
            workshop.trained(task, of_kind)
            folder = workshop.data(task)
            publish(folder, read_receipt(folder) | {"second_type": second_type})
        return workshop, model.base_model

    return open_one


def layers_and_embeddings(model, frozen):
    """What of transformers' own model is trained, by its names."""
    names = {name for name, _ in model.named_parameters() if not name.startswith("pooler.")}
    if not frozen:
        return names
    return {name for name in names if name.startswith(("encoder.layer.1.", "encoder.layer.2."))}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ENCODERS)
def test_layers_computed_twice_change_no_gradient(workshops, name, precision):
    if precision == "bfloat16" and not multiplies_bfloat16():
        pytest.skip("this processor has no instructions for bfloat16")
    workshop, _ = workshops(name)
    encoder = load_encoder(workshop.encoder, dropout=0.3).train()
    tokens = torch.arange(3, 15).reshape(2, 6)
    mask = torch.ones(2, 6, dtype=torch.bool)
    mask[1, 4:] = False
    found = []
    for _ in range(2):
        torch.manual_seed(1)
        encoder.zero_grad()
        with arithmetic(precision, torch.device("cpu")):
            encoder(tokens, mask)[mask].float().square().sum().backward()
        found.append({n: p.grad for n, p in encoder.named_parameters() if p.grad is not None})
        encoder.recompute_layers()
    assert found[0].keys() == found[1].keys()
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


CASES = [(name, 0) for name in ENCODERS] + [(name, 1) for name in CACHED]


@pytest.mark.parametrize(("name", "frozen"), CASES)
def test_trained_transplanted_and_predicted_with(workshops, name, frozen):
    workshop, model = workshops(name)
    parent = workshop.job("parent", "intermediate", ["pairs"], frozen=frozen, epochs=1)
    assert make(parent)["status"] == "done"
    stored = {one: torch.from_numpy(tensor) for one, tensor in weights(parent).items()}
    assert stored.keys() == layers_and_embeddings(model, frozen)
    untuned = dict(model.named_parameters())
    moved = [one for one in stored if not torch.equal(stored[one], untuned[one])]
    assert len(moved) > 0.8 * len(stored)

    child = workshop.job("child", "target", ["tags"], ["tags"], parent, frozen=frozen, epochs=1)
    receipt = make(child)
    assert receipt["status"] == "done"
    assert receipt["transplant"]["carried"] == len(stored)
    found = predictions(child)
    assert len(found) == 21 and {row["language"] for row in found} == {"en", "sw"}


@pytest.mark.parametrize("name", ["xlm-r", "mdeberta", "mmbert", "rembert", "eurobert"])
def test_lean_steps_move_the_weights_as_plain_ones(workshops, name):
    workshop, _ = workshops(name)
    precision = "bfloat16" if multiplies_bfloat16() else "float32"
    more = {"epochs": 1, "precision": precision, "learning_rate": 1e-3, "head_learning_rate": 1e-3}
    found, losses = [], []
    for way in ("plain", "lean"):
        job = workshop.job(way, "intermediate", ["pairs"], **more)
        job.recipe["gpu_step"] = way
        facts = make(job)
        assert facts["status"] == "done"
        losses.append(facts["training"]["loss_first"])
        found.append(weights(job))
    plain, lean = found
    assert losses[1] == pytest.approx(losses[0], rel=1e-2)
    assert plain.keys() == lean.keys()
    for one, weight in plain.items():
        assert weight.dtype == lean[one].dtype == "float32"
        # AdamW moves a weight by its learning rate, whatever the size of its gradient.
        assert abs(weight - lean[one]).max() < 1e-2, one


@pytest.mark.parametrize("name", OTHERS)
def test_layers_of_other_families_cannot_be_cached(workshops, name):
    workshop, _ = workshops(name)
    with pytest.raises(StudyError, match=rf"'{OTHERS[name]}'; set encoder\.frozen_layers: 0"):
        make(workshop.job("parent", "intermediate", ["pairs"], frozen=1))


@pytest.mark.parametrize("name", ENCODERS)
def test_states_are_those_of_transformers_second_segment_included(workshops, name):
    workshop, model = workshops(name)
    inputs = workshop.inputs("pairs", "dev")
    encoder = load_encoder(workshop.encoder)
    batch = inputs.split.example[:6]
    with torch.no_grad():
        states = inputs.states(batch, encoder, torch.device("cpu"))
    table = inputs.split.table.slice(0, 6).to_pylist()
    for row, hidden in zip(table, states.hidden, strict=True):
        (ids,), (second,) = row["input_ids"], row["second"]
        types = [int(ENCODERS[name][3] and place >= second) for place in range(len(ids))]
        known = {"token_type_ids": torch.tensor([types])} if ENCODERS[name][3] else {}
        with torch.no_grad():
            theirs = model(torch.tensor([ids]), **known).last_hidden_state[0]
        torch.testing.assert_close(hidden[: len(ids)], theirs, rtol=0, atol=2e-5)
    if ENCODERS[name][3] and name != "mdeberta":
        plain = encoder(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))[0]
        assert not torch.allclose(plain, theirs, atol=1e-3)


def test_a_decoder_is_not_read_at_its_first_token(workshops, tmp_path):
    workshop, _ = workshops("mbert")
    shutil.rmtree(workshop.encoder)
    save_tiny("llama", workshop.encoder)
    publish(workshop.encoder, {"files": {}})
    with pytest.raises(StudyError, match=r"training\.head.*set it to mean"):
        make(workshop.job("first", "intermediate", ["pairs"], head="first"))
    workshop.prepare("tatoeba", "retrieval", {}, None)
    sought = workshop.job("sought", "target", [], ["tatoeba"], retrieval={"pooling": "first"})
    with pytest.raises(StudyError, match=r"retrieval\.pooling.*set it to mean"):
        make(sought)
    for head, task in (("mean", "pairs"), ("segments", "pairs"), ("first", "tags")):
        made = make(workshop.job(f"{head}-{task}", "intermediate", [task], head=head, epochs=1))
        assert made["status"] == "done"
