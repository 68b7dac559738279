"""Encoders from a Hub on the loopback interface: one file, shards, slow tokenizers, refusals."""

import json

import numpy as np
import pytest
from safetensors.numpy import save
from tokenizers import Tokenizer, models

from helpers.hub_server import commit_of
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.paths import MANIFEST, model_folder
from xstilts.core.receipts import read_receipt
from xstilts.encoders.build import build_encoder
from xstilts.hub.models import fetch_encoder

CONFIG = json.dumps({"model_type": "bert", "num_hidden_layers": 2}).encode()
WEIGHTS = save({"a": np.ones((2, 3), np.float32)})
TOKENIZER = Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]")).to_str().encode()
WHOLE = {
    "config.json": CONFIG,
    "model.safetensors": WEIGHTS,
    "tokenizer.json": TOKENIZER,
    "pytorch_model.bin": b"code",
    "tf_model.h5": b"more",
}


@pytest.fixture
def model(fake, repository):
    def make(files):
        fake.add_model("o/m", files)
        return repository("o/m", "model")

    return make


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_only_what_an_encoder_needs_and_a_list_of_it(model, tmp_path, fake):
    fetch_encoder(model(WHOLE), tmp_path / "m")
    kept = {"config.json", "model.safetensors", "tokenizer.json"}
    assert names(tmp_path / "m") == kept | {MANIFEST}
    listed = json.loads((tmp_path / "m" / MANIFEST).read_text())
    assert listed["revision"] == commit_of("o/m")
    assert listed["files"] == {name: file_sha256(tmp_path / "m" / name) for name in kept}
    assert not any("pytorch_model" in request for request in fake.requests)


def test_built_from_what_was_fetched(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    repository = model(WHOLE)
    fetched = model_folder("o/m", repository.revision)
    fetch_encoder(repository, fetched)
    source = {"name": "hub", "model": "o/m", "revision": repository.revision}
    build_encoder({"source": source}, tmp_path / "run", {})
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == WEIGHTS
    assert len(read_receipt(tmp_path / "run")["files"]) == 3
    # The same bytes under a second name: gigabytes are not kept twice.
    inodes = {(at / "model.safetensors").stat().st_ino for at in (fetched, tmp_path / "run")}
    assert len(inodes) == 1
    (fetched / "model.safetensors").unlink()
    (fetched / "model.safetensors").write_bytes(WEIGHTS[:-1])
    with pytest.raises(
        StudyError, match=r"no longer the file .*: delete results/downloads/models/o__m@"
    ):
        build_encoder({"source": source}, tmp_path / "other", {})


def test_shards(model, tmp_path):
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors",
                            "b": "model-00002-of-00002.safetensors"}}  # fmt: skip
    files = {name: WHOLE[name] for name in ("config.json", "tokenizer.json")}
    files["model.safetensors.index.json"] = json.dumps(index).encode()
    files |= dict.fromkeys(index["weight_map"].values(), WEIGHTS)
    fetch_encoder(model(files), tmp_path / "m")
    assert names(tmp_path / "m") == {*files, MANIFEST}


def test_a_sentencepiece_model_is_converted(model, tmp_path):
    """As mDeBERTa's, which comes with spm.model alone."""
    pytest.importorskip("google.protobuf", reason="transformers reads such models with protobuf")
    import io

    import sentencepiece

    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["the quick brown fox", "мир и война", "中国 人民"] * 9),
        model_writer=trained, vocab_size=60, hard_vocab_limit=False, minloglevel=2,
        character_coverage=1.0, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]",
        bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]",
    )  # fmt: skip
    config = json.dumps({"model_type": "deberta-v2", "num_hidden_layers": 2}).encode()
    files = {"config.json": config, "model.safetensors": WEIGHTS, "spm.model": trained.getvalue()}
    fetch_encoder(model(files), tmp_path / "m")
    made = Tokenizer.from_file(str(tmp_path / "m" / "tokenizer.json"))
    pair = made.encode("the fox", "中国")
    special = [one for one in pair.tokens if one.startswith("[")]
    assert special == ["[CLS]", "[SEP]", "[SEP]"] and "[UNK]" not in pair.tokens
    assert pair.type_ids[-1] == 1
    theirs = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    assert made.encode("the fox", add_special_tokens=False).tokens == theirs.encode(
        "the fox", out_type=str
    )


def test_a_slow_tokenizer_is_converted(model, tmp_path):
    files = {name: WHOLE[name] for name in ("config.json", "model.safetensors")}
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tea"]
    files["vocab.txt"] = "\n".join(words).encode()
    settings = {"tokenizer_class": "BertTokenizer"}
    files["tokenizer_config.json"] = json.dumps(settings).encode()
    fetch_encoder(model(files), tmp_path / "m")
    made = Tokenizer.from_file(str(tmp_path / "m" / "tokenizer.json"))
    assert made.encode("tea").tokens == ["[CLS]", "tea", "[SEP]"]


@pytest.mark.parametrize(
    ("lacks", "match"),
    [
        ("model.safetensors", "has no safetensors .* can run code"),
        ("config.json", "no config.json: it is no model"),
        ("tokenizer.json", "neither tokenizer.json nor a vocabulary"),
    ],
)
def test_what_lacks_is_named(model, tmp_path, lacks, match):
    with pytest.raises(StudyError, match=match):
        fetch_encoder(model({k: v for k, v in WHOLE.items() if k != lacks}), tmp_path / "m")
    assert not (tmp_path / "m" / MANIFEST).exists()
