"""Names that a repository chose never become paths outside the folder meant for it."""

import json

import pytest

from xstilts.core.errors import StudyError
from xstilts.encoders.encoder_files import weight_files
from xstilts.hub.finding import find_split
from xstilts.hub.listings import checked_names
from xstilts.hub.models import fetch_encoder
from xstilts.hub.translators import fetch_translator

pytestmark = pytest.mark.odd_input

INDEX = "model.safetensors.index.json"
HOSTILE = (
    "../evil.txt", "a/../../evil.txt", "/evil.txt", "..", "a\\..\\..\\evil.txt", "C:\\evil.txt",
    "\\evil.txt", "a\nb.json", "a\0b.json", "",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_outside_is_refused(name):
    with pytest.raises(StudyError, match="nothing was fetched") as caught:
        checked_names(["config.json", name], "o/m")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [None, 3, ["a"], {"a": 1}, True])
def test_a_name_that_is_no_text_is_refused(name):
    with pytest.raises(StudyError, match="nothing was fetched"):
        checked_names([name], "o/m")


def test_ordinary_names_pass():
    names = ["a..b.json", "de/train-00000-of-00001.parquet", ".gitattributes", "模型.json"]
    assert checked_names(names, "o/m") == names


@pytest.mark.parametrize("name", ["../evil.parquet", "/tmp/evil_of_a_test.parquet"])
def test_a_hostile_data_set_touches_nothing(fake, repository, tmp_path, name):
    fake.add_dataset("o/n", {"README.md": b"", "train.parquet": b"", name: b""})
    before = sorted(tmp_path.parent.rglob("*evil*"))
    with pytest.raises(StudyError, match="would lie outside its folder"):
        find_split(repository(), "default", "train")
    assert sorted(tmp_path.parent.rglob("*evil*")) == before


@pytest.mark.parametrize("fetch", [fetch_encoder, fetch_translator])
def test_a_hostile_model_writes_nothing(fake, repository, tmp_path, fetch):
    fake.add_model("o/m", {"config.json": b"{}", "model.safetensors": b"", "../evil.json": b""})
    with pytest.raises(StudyError, match="would lie outside its folder"):
        fetch(repository("o/m", "model"), tmp_path / "m")
    assert not (tmp_path / "m").exists()


SHARDS = [
    ({"weight_map": {"a": "../evil.safetensors"}}, "would lie outside its folder"),
    ({"weight_map": {"a": "/evil.safetensors"}}, "would lie outside its folder"),
    ({"weight_map": {"a": 1}}, "would lie outside its folder"),
    ({"weight_map": {"a": ["b"]}}, "would lie outside its folder"),
    ({"weight_map": []}, "names no files in weight_map"),
    ({"weight_map": None}, "names no files in weight_map"),
    ({}, "names no files in weight_map"),
    ([], "names no files in weight_map"),
    ("text", "names no files in weight_map"),
]


@pytest.mark.parametrize(("index", "sentence"), SHARDS)
def test_an_index_of_a_wrong_type_is_one_sentence(fake, repository, tmp_path, index, sentence):
    files = {"config.json": b"{}", "tokenizer.json": b"{}", INDEX: json.dumps(index).encode()}
    fake.add_model("o/m", files)
    with pytest.raises(StudyError, match=sentence) as caught:
        fetch_encoder(repository("o/m", "model"), tmp_path / "m")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "m").exists()
    (tmp_path / INDEX).write_bytes(files[INDEX])
    with pytest.raises(StudyError, match=INDEX):
        weight_files(tmp_path)


def test_an_index_that_is_cut_is_one_sentence(fake, repository, tmp_path):
    for content in (b"{", b"", b"\xff\xfe"):
        fake.add_model("o/m", {"config.json": b"{}", "tokenizer.json": b"{}", INDEX: content})
        cache = tmp_path / content.hex()
        mine = type(repository("o/m", "model"))(
            "model", "o/m", repository("o/m").revision, fake.url, cache
        )
        with pytest.raises(StudyError, match="is no JSON"):
            fetch_encoder(mine, tmp_path / "m")
