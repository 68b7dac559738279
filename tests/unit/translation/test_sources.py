"""Sources of translation models: one that the project does not have, and the project's own."""

import pytest

from xstilts.config.study_config import read_config
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.paths import MANIFEST
from xstilts.sources import Stock
from xstilts.translation import sources
from xstilts.translation.sources import filled_in, translator_source_names, translator_source_of

NAME = "models_by_pair"


@pytest.fixture
def added(add_object):
    add_object(sources, f"new_translator_source/{NAME}.py")
    return translator_source_of(NAME)


@pytest.fixture
def stock(root):
    return Stock({}, root, file_sha256, lambda model: f"commit of {model}")


def translated(**model):
    return {"translated": {"model": {"path": "a", **model}}}


def test_a_config_may_name_an_added_one(added, base, root):
    assert set(translator_source_names()) == {NAME, "folder", "hub"}
    read_config({**base, **translated(source=NAME)}, root)
    with pytest.raises(StudyError, match=r"key 'translated.model.source': .* did you mean"):
        read_config({**base, **translated(source="models_by_pairs")}, root)


def test_an_added_one_says_where_its_files_are(added, tmp_path, stock):
    (tmp_path / "de.txt").write_text("german\n")
    identity = added.identity(str(tmp_path / "de.txt"), stock)
    assert identity == {"name": NAME, "list": file_sha256(tmp_path / "de.txt")}
    assert added.folder(identity, str(tmp_path / "de.txt")) == tmp_path / "german"
    assert added.fetched(identity) is None


def test_a_model_of_the_hub_is_its_commit(stock):
    source = translator_source_of("hub")
    identity = source.identity("o/m", stock)
    assert identity == {"name": "hub", "model": "o/m", "revision": "commit of o/m"}
    assert source.fetched(identity) == source.folder(identity, "o/m") / MANIFEST


def test_a_folder_is_its_files_and_may_not_change(tmp_path, stock):
    source = translator_source_of("folder")
    with pytest.raises(StudyError, match=r"key 'translated.model.path': .* has no config.json"):
        source.identity(str(tmp_path), stock)
    for name in ("config.json", "source.spm"):
        (tmp_path / name).write_text(name)
    identity = source.identity(str(tmp_path), stock)
    assert set(identity["files"]) == {"config.json", "source.spm"}
    assert source.folder(identity, str(tmp_path)) == tmp_path
    (tmp_path / "source.spm").write_text("another")
    with pytest.raises(StudyError, match=r"source.spm is no longer the file"):
        source.folder(identity, str(tmp_path))


def test_each_language_may_have_a_model_of_its_own():
    settings = {"codes": {"de": "deu"}}
    assert filled_in("m-{code}", settings, "de") == "m-deu"
    assert filled_in("m-{code}", settings, "sw") == "m-sw"
