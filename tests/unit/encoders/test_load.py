"""Loading: what is read, in which layouts, and what is said about a folder that is no good."""

import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.encoders.load import load_encoder


def edit_config(folder, **changes):
    path = folder / "config.json"
    settings = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in settings.items() if value is not ...}))


def test_only_the_layers_asked_for_are_read(tiny, batch):
    model, folder = tiny()
    weights = folder / "model.safetensors"
    upper = {n: t for n, t in load_file(weights).items() if ".layer.2." in n or ".layer.3." in n}
    save_file(upper, weights)
    encoder = load_encoder(folder, first_layer=2)
    assert len(encoder.state_dict()) == len(upper) == 32
    with pytest.raises(StudyError, match=r"lacks 37 of 69 tensors.*embeddings"):
        load_encoder(folder)
    _, mask = batch
    hidden = torch.randn(3, 9, 24)
    with torch.no_grad():
        states = hidden
        for layer in model.encoder.layer[2:]:
            states = layer(states, mask[:, None, None, :])
        torch.testing.assert_close(encoder.run(hidden, mask)[mask], states[mask], rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["Bert", "XLMRoberta"])
def test_a_model_with_a_head_gives_its_encoder(tiny, batch, kind):
    model, folder = tiny(kind, head="ForMaskedLM", pad_token_id=1)
    ids, mask = batch
    encoder = load_encoder(folder)
    with torch.no_grad():
        theirs = model.base_model(ids, attention_mask=mask.long()).last_hidden_state
        torch.testing.assert_close(encoder(ids, mask)[mask], theirs[mask], rtol=0, atol=1e-5)


def test_layer_norms_under_their_old_names(tiny, batch):
    _, folder = tiny("Bert", pad_token_id=1)
    expected = load_encoder(folder)(*batch)
    path = folder / "model.safetensors"
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in load_file(path).items()
    }
    save_file(old, path)
    assert torch.equal(load_encoder(folder)(*batch), expected)


def test_shards_that_transformers_wrote(tiny, batch, tmp_path):
    model, folder = tiny()
    model.save_pretrained(tmp_path / "shards", max_shard_size="20KB")
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 2
    assert torch.equal(load_encoder(tmp_path / "shards")(*batch), load_encoder(folder)(*batch))
    next((tmp_path / "shards").glob("*-00002-of*.safetensors")).unlink()
    with pytest.raises(StudyError, match=r"00002-of.* is missing or damaged"):
        load_encoder(tmp_path / "shards")


def test_half_precision_files_are_read_as_asked(tiny):
    model, folder = tiny()
    model.half().save_pretrained(folder)
    assert load_encoder(folder).encoder["layer"]["0"].output.dense.weight.dtype == torch.float32


def test_training_in_place_leaves_the_file_alone(tiny):
    _, folder = tiny()
    before = file_sha256(folder / "model.safetensors")
    encoder = load_encoder(folder)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(1)
    assert file_sha256(folder / "model.safetensors") == before


def test_importing_and_loading_cost_no_transformers(tiny):
    _, folder = tiny()
    program = (
        "import sys; from pathlib import Path; from xstilts.encoders.load import load_encoder;"
        "import xstilts.encoders.weights;"
        f"load_encoder(Path({str(folder)!r}));"
        "heavy = {'transformers', 'tokenizers', 'sentencepiece', 'pandas', 'torch._dynamo',"
        " 'sympy', 'scipy', 'sklearn', 'torch._inductor'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    paths = [path for path in sys.path if path]
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(paths), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout.strip() == "[]"


FAULTY_CONFIGS = [
    ({"num_hidden_layers": ...}, "'num_hidden_layers' is missing or no int"),
    ({"pad_token_id": None}, "'pad_token_id' is missing or no int"),
    ({"hidden_size": "24"}, "'hidden_size' is missing or no int"),
    ({"layer_norm_eps": True}, "'layer_norm_eps' is missing or no float"),
    ({"hidden_act": "relu6"}, "hidden_act 'relu6' is not supported"),
    ({"num_attention_heads": 5}, "24 is no multiple of num_attention_heads 5"),
    ({"position_embedding_type": "relative_key"}, "only absolute positions"),
    ({"model_type": ...}, "names no model_type"),
    ({"intermediate_size": 41}, r"dense.bias has shape \[40\], config.json asks for \[41\]"),
    ({"num_hidden_layers": 5}, "lacks 16 of 85 tensors"),
]


@pytest.mark.parametrize(("changes", "sentence"), FAULTY_CONFIGS)
def test_faulty_config(tiny, changes, sentence):
    _, folder = tiny()
    edit_config(folder, **changes)
    with pytest.raises(StudyError, match=sentence):
        load_encoder(folder)


@pytest.mark.parametrize("content", ["{", "[1]", None, b"\xff\xfe"])
def test_unreadable_config(tiny, content):
    _, folder = tiny()
    (folder / "config.json").unlink()
    if content is not None:
        data = content if isinstance(content, bytes) else content.encode()
        (folder / "config.json").write_bytes(data)
    with pytest.raises(StudyError, match=r"config\.json .*Fetch the encoder again"):
        load_encoder(folder)


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_truncated_weights(tiny, cut):
    _, folder = tiny()
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StudyError, match=r"model\.safetensors is missing or damaged"):
        load_encoder(folder)


def test_pickled_weights_are_refused(tiny):
    _, folder = tiny()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(StudyError, match=r"only as pytorch_model\.bin"):
        load_encoder(folder)
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(StudyError, match=r"has no model\.safetensors"):
        load_encoder(folder)


@pytest.mark.parametrize("first_layer", [-1, 4, 9])
def test_too_many_frozen_layers(tiny, first_layer):
    _, folder = tiny()
    with pytest.raises(StudyError, match=r"has 4 layers.*from 0 to 3"):
        load_encoder(folder, first_layer=first_layer)
