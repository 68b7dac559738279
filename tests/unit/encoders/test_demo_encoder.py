"""The demo encoder: ordinary files, equal bytes, vectors that an independent engine confirms."""

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
import torch

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.encoders.demo_encoder import build_demo_encoder
from xstilts.encoders.load import load_encoder
from xstilts.encoders.pooling import mean as mean_pool
from xstilts.encoders.tokenizer import load_tokenizer


@pytest.fixture(scope="module")
def embed(demo_folder):
    """Texts -> unit vectors [texts, 384], mean over the tokens of the last layer."""
    tokenizer, encoder = load_tokenizer(demo_folder), load_encoder(demo_folder)
    tokenizer.enable_padding(pad_id=1)

    def run(texts: list[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.empty((len(texts), 384), dtype=np.float32)
        for start in range(0, len(texts), 16):
            rows = order[start : start + 16]
            encoded = tokenizer.encode_batch([texts[row] for row in rows])
            ids = torch.tensor([item.ids for item in encoded])
            mask = torch.tensor([item.attention_mask for item in encoded]).bool()
            with torch.no_grad():
                pooled = mean_pool(encoder(ids, mask), mask)
            vectors[rows] = torch.nn.functional.normalize(pooled).numpy()
        return vectors

    return run


def test_facts(demo):
    folder, facts = demo
    assert (facts["layers"], facts["tensors"], facts["parameters"]) == (12, 197, 117_505_920)
    assert facts["weights_sha256"] == file_sha256(folder / "model.safetensors")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json",
        "tokenizer_config.json",
    }  # fmt: skip


def test_transformers_gives_the_same_states(demo_folder):
    from transformers import AutoModel, AutoTokenizer, BertModel

    tokenizer = AutoTokenizer.from_pretrained(demo_folder)
    model, report = AutoModel.from_pretrained(
        demo_folder, add_pooling_layer=False, output_loading_info=True
    )
    assert isinstance(model, BertModel)
    assert not report["missing_keys"] and not report["unexpected_keys"]
    texts = [
        "A short one.",
        "Ein etwas längerer Satz mit Umlauten über Häuser.",
        "你好，世界",
        "नमस्ते",
    ]
    inputs = tokenizer(texts, padding=True, return_tensors="pt")
    mask = inputs.attention_mask.bool()
    with torch.no_grad():
        theirs = model(**inputs, output_hidden_states=True).hidden_states
        encoder = load_encoder(demo_folder)
        embedded = encoder.embed(inputs.input_ids, mask)
        ours = [embedded, *encoder.run(embedded, mask, all_layers=True)]
    for own, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own[mask], their[mask], rtol=0, atol=1e-5)


def test_fewer_layers_are_the_lowest_ones_and_bytes_repeat(demo_folder, package, tmp_path):
    """Expensive: writes 400 MB twice (2 s each)."""
    first = build_demo_encoder(tmp_path / "a", layers=2)
    copy = tmp_path / "weights.bin"
    copy.symlink_to(package / "e5-small-q4.bin")
    second = build_demo_encoder(tmp_path / "b", layers=2, weights_file=copy)
    assert first == second
    for path in (tmp_path / "a").iterdir():
        assert file_sha256(path) == file_sha256(tmp_path / "b" / path.name), path.name
        assert path.stat().st_mode & 0o444 == (tmp_path / "a/config.json").stat().st_mode & 0o444
    small, whole = load_encoder(tmp_path / "a"), load_encoder(demo_folder)
    parameters = dict(whole.named_parameters())
    assert small.layer_count == 2
    for name, parameter in small.named_parameters():
        assert torch.equal(parameter, parameters[name])
    shutil.rmtree(tmp_path / "a")
    shutil.rmtree(tmp_path / "b")


@pytest.mark.parametrize("layers", [0, 13])
def test_a_number_of_layers_that_it_does_not_have(package, tmp_path, layers):
    with pytest.raises(StudyError, match=rf"encoder.layers is {layers}; .* 1 to 12"):
        build_demo_encoder(tmp_path, layers=layers)


def test_vectors_equal_those_of_the_packages_own_engine(package, premises, embed, tmp_path):
    """The C source in the package, compiled here: its own reader, tokenizer and integer kernels.

    It rounds activations to eight bits: measured cosines are 0.9998 and up in 15 languages.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler to build the package's engine with")
    library = tmp_path / "engine.so"
    source = ["-I", str(package), str(package / "e5.c"), "-lm"]
    subprocess.run(
        [compiler, "-O2", "-march=native", "-shared", "-fPIC", "-w", "-o", str(library), *source],
        check=True,
    )
    engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    model = ctypes.c_void_p(engine.e5_load(str(package / "e5-small-q4.bin").encode()))
    texts = [text for column in premises.values() for text in column[:6]]
    theirs = np.empty((len(texts), 384), dtype=np.float32)
    for row, text in enumerate(texts):
        place = theirs[row].ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        assert engine.e5_embed(model, text.encode(), 1, place) == 0
    engine.e5_free(model)
    ours = embed([f"query: {text}" for text in texts])
    cosines = (ours * theirs).sum(1)
    assert len(cosines) == 90
    assert cosines.min() > 0.999


def test_parallel_sentences_find_each_other(premises, embed):
    """Sentence retrieval among 100: chance is 1 %, and wrong weights stay near it."""
    english = embed([f"query: {text}" for text in premises["en"][:100]])
    for language in ("de", "sw", "zh"):
        other = embed([f"query: {text}" for text in premises[language][:100]])
        found = (other @ english.T).argmax(1) == np.arange(100)
        assert found.mean() > 0.9, language
