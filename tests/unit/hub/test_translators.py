"""A translation model from a Hub on the loopback interface."""

import json

import pytest
import torch

from helpers.tiny_translator import write_translator
from xstilts.core.errors import StudyError
from xstilts.core.paths import MANIFEST
from xstilts.hub.translators import fetch_translator
from xstilts.translation.translator import Translator

SETTINGS = {"prefix": "", "first_token": "__de__", "source_language": None, "beams": 1,
            "batch_examples": 4, "maximum_length": 8}  # fmt: skip


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translator")
    write_translator(folder, ["wo", "wer"])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_fetched_with_its_tokenizer_it_translates(fake, repository, files, tmp_path):
    fake.add_model("o/mt", files | {"pytorch_model.bin": b"code", "source.spm": b"pieces"})
    fetch_translator(repository("o/mt", "model"), tmp_path / "mt")
    kept = {path.name for path in (tmp_path / "mt").iterdir()}
    assert kept == {*files, "source.spm", MANIFEST}
    assert set(json.loads((tmp_path / "mt" / MANIFEST).read_text())["files"]) == kept - {MANIFEST}
    assert not any("pytorch_model" in request for request in fake.requests)
    translator = Translator(tmp_path / "mt", SETTINGS, torch.device("cpu"))
    assert len(translator.translate(["wo", "wer"])) == 2


@pytest.mark.parametrize(
    ("lost", "said"), [("config.json", "has no config.json"), ("model.safetensors", "safetensors")]
)
def test_what_it_lacks_is_named(fake, repository, files, tmp_path, lost, said):
    fake.add_model("o/mt", {name: body for name, body in files.items() if name != lost})
    with pytest.raises(StudyError, match=said):
        fetch_translator(repository("o/mt", "model"), tmp_path / "mt")
    assert not (tmp_path / "mt" / MANIFEST).exists()
