"""Sources of encoders: one in a file that the project does not have, and what the project's say."""

import json
from zipfile import ZipFile

import pytest

from xstilts.config.study_config import read_config
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.receipts import read_receipt
from xstilts.encoders import sources
from xstilts.encoders.build import build_encoder
from xstilts.encoders.sources import encoder_source_names, encoder_source_of
from xstilts.plan.grid import Study
from xstilts.plan.stage_code import StageCode
from xstilts.sources import Stock

NAME = "zip_file"
FILES = {"config.json": json.dumps({"model_type": "bert", "num_hidden_layers": 3}),
         "tokenizer.json": "{}", "model.safetensors": "weights"}  # fmt: skip


@pytest.fixture
def added(add_object):
    add_object(sources, f"new_encoder_source/{NAME}.py")
    return encoder_source_of(NAME)


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "encoder.zip"
    with ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return {"name": "zipped", "source": NAME, "path": str(path), "frozen_layers": 2}


def test_a_config_may_name_an_added_one(added, base, root, settings):
    assert set(encoder_source_names()) == {NAME, "demo", "folder", "hub"}
    assert read_config({**base, "encoder": settings}, root)["encoder"]["path"] == settings["path"]
    for edits, match in (
        ({"path": None}, "`source: zip_file` needs encoder.path"),
        ({"layers": 2}, "only the demo encoder can be shortened.*source: zip_file"),
        ({"frozen_layers": 3}, "3 of 3 layers frozen"),
        ({"source": "zipfile"}, r"key 'encoder.source': There is no .* did you mean 'zip_file'"),
    ):
        with pytest.raises(StudyError, match=match):
            read_config({**base, "encoder": settings | edits}, root)


def test_an_added_one_is_planned_by_its_bytes_and_built(added, base, root, settings, tmp_path,
                                                        monkeypatch):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    run = Study({**base, "encoder": settings}, root).encoder
    sha256 = file_sha256(settings["path"])
    assert run.recipe["source"] == {"name": NAME, "sha256": sha256}
    assert run.recipe["code"] is None
    folder = tmp_path / "run"
    build_encoder(run.recipe, folder, settings)
    receipt = read_receipt(folder)
    assert receipt["copied"] == 3 and set(receipt["files"]) == set(FILES)


def test_code_counts_for_what_it_makes_alone(tmp_path):
    code = StageCode("tracked", tmp_path)
    reached = {name: code.of("encoder", encoders=[name]) for name in ("demo", "folder")}
    assert reached["demo"] != reached["folder"]
    made = {name: any("demo_encoder" in definition for definition in code.definitions[digest])
            for name, digest in reached.items()}  # fmt: skip
    assert made == {"demo": True, "folder": False}


@pytest.mark.parametrize("name", ["demo", "hub"])
def test_what_needs_no_file_is_known_by_name_and_tokenizer(name, root):
    source = encoder_source_of(name)
    settings = {"name": "a", "source": name, "path": "o/m", "layers": None}
    identity = source.identity(settings, Stock({}, root, file_sha256, lambda model: f"1 {model}"))
    assert identity["name"] == name and identity.get("revision") in (None, "1 o/m")
    with_code, without = source.tokenizer(identity, "a"), source.tokenizer(identity, "b")
    assert (with_code != without) == source.is_made
    assert (source.fetched(identity) is not None) == (name == "hub")
