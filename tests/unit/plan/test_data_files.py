"""Which files a study reads: languages, shards, damage, and digests that times do not touch."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from xstilts.config.study_config import sheets_of
from xstilts.core import StudyError
from xstilts.core.files import check_unchanged, file_sha256
from xstilts.core.shards import locate
from xstilts.plan import data_files


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "real.parquet"
    pq.write_table(pa.table({"text": ["one", "two"]}), path)
    return path


@pytest.fixture
def safetensors(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_file({"a": np.ones((3, 4), np.float32), "b": np.zeros(5)}, path, metadata={"format": "pt"})
    return path


def test_whole_files_pass(parquet, safetensors):
    data_files.check_parquet(parquet)
    data_files.check_safetensors(safetensors)


@pytest.mark.parametrize("keep", [0, 3, 4, 100, -1])
def test_truncated_parquet_is_named(parquet, keep):
    parquet.write_bytes(parquet.read_bytes()[:keep])
    with pytest.raises(StudyError, match=r"real\.parquet is not a whole Parquet file; .* again\."):
        data_files.FileDigests(parquet.parent / "memory").of(parquet)


@pytest.mark.parametrize("keep", [0, 5, 8, 30, -1])
def test_truncated_weights_are_named(safetensors, keep):
    safetensors.write_bytes(safetensors.read_bytes()[:keep])
    with pytest.raises(StudyError, match=r"model\.safetensors is cut off"):
        data_files.FileDigests(safetensors.parent / "memory").of(safetensors)


@pytest.mark.parametrize("content", [b"<html>not found</html>" * 9, b"\xff" * 40])
def test_what_is_no_weights_file_is_named(safetensors, content):
    safetensors.write_bytes(content)
    with pytest.raises(StudyError, match="no safetensors file"):
        data_files.check_safetensors(safetensors)


def test_touch_changes_no_digest_and_an_edit_does(parquet, tmp_path):
    digests = data_files.FileDigests(tmp_path / "memory")
    before = digests.of(parquet)
    os.utime(parquet, (1, 1))
    assert digests.of(parquet) == before
    pq.write_table(pa.table({"text": ["one", "2wo"]}), parquet)
    assert digests.of(parquet) != before


def overwrite(path, content):
    path.write_bytes(content)


def replace(path, content):
    other = path.with_name("other")
    other.write_bytes(content)
    other.replace(path)


def move_away(path, content):
    path.rename(path.with_name("away"))
    path.write_bytes(content)


@pytest.mark.parametrize("edit", [overwrite, replace, move_away])
def test_an_edit_that_keeps_size_and_time_changes_the_digest(parquet, tmp_path, edit):
    memory = tmp_path / "memory"
    digests = data_files.FileDigests(memory)
    before, status, content = digests.of(parquet), parquet.stat(), parquet.read_bytes()
    digests.save()
    edit(parquet, content.replace(b"two", b"2wo"))
    os.utime(parquet, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = parquet.stat()
    assert (after.st_size, after.st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    for found in (digests, data_files.FileDigests(memory)):
        assert found.of(parquet) == file_sha256(parquet) != before


def test_memory_forgets_what_a_file_was(parquet, tmp_path):
    digests = data_files.FileDigests(tmp_path / "memory")
    digests.of(parquet)
    os.utime(parquet, (1, 1))
    digests.of(parquet)
    digests.save()
    assert len(json.loads((tmp_path / "memory").read_text())) == 2  # digest and columns


def test_a_memory_that_lies_is_named(parquet, tmp_path):
    with pytest.raises(StudyError) as caught:
        check_unchanged(tmp_path, {"real.parquet": "0" * 64})
    assert str(caught.value) == (
        f"{parquet} is no longer the file that the study was planned with: run again; should that "
        "say the same, delete results/.file-digests.json, where digests are remembered."
    )


def test_memory_saves_reading_the_file_again(parquet, tmp_path, monkeypatch):
    memory = tmp_path / "deep" / "memory.json"
    digests = data_files.FileDigests(memory)
    digest = digests.of(parquet)
    digests.save()
    monkeypatch.setattr(data_files, "file_sha256", None)
    assert data_files.FileDigests(memory).of(parquet) == digest


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a": ', b"\xff"])
def test_damaged_memory_is_forgotten(parquet, tmp_path, content):
    memory = tmp_path / "memory.json"
    memory.write_bytes(content)
    digests = data_files.FileDigests(memory)
    digests.of(parquet)
    digests.save()
    assert len(json.loads(memory.read_text())) == 2  # digest and columns


def test_memory_that_cannot_be_written_does_not_stop_a_dry_run(parquet, tmp_path):
    (tmp_path / "file").write_text("")
    digests = data_files.FileDigests(tmp_path / "file" / "memory.json")
    digests.of(parquet)
    digests.save()


def test_shards_come_in_order_and_all_or_none(tmp_path):
    folder = tmp_path / "owner__name" / "default"
    folder.mkdir(parents=True)
    shards = [folder / f"train-0000{number}-of-00003.parquet" for number in range(3)]
    for shard in reversed(shards):
        shard.touch()
    assert locate(tmp_path, "owner/name", "default", "train") == shards
    assert locate(tmp_path, "owner/name", "default", "test") == []
    shards[1].unlink()
    assert locate(tmp_path, "owner/name", "default", "train") == []
    (folder / "train.parquet").touch()
    assert locate(tmp_path, "owner/name", "default", "train") == [folder / "train.parquet"]


def test_codes_of_the_data_set_are_filled_in(root):
    sheets = sheets_of(root)
    assert data_files.parts_of(sheets["pos"], "test", "sw")[0]["config"] == "udpos.Swahili"
    assert data_files.parts_of(sheets["tatoeba"], "test", "zh")[0]["config"] == "tatoeba.cmn"
    assert data_files.parts_of(sheets["tydiqa"], "test", "sw")[0]["id_prefix"] == "swahili-"
    assert {part["language"] for part in data_files.parts_of(sheets["bucc"], "test", "de")} == {
        "de"
    }


def test_only_languages_with_data_are_taken(plan):
    languages = plan().languages
    assert languages["xnli"] == ["de", "en", "sw", "zh"]
    assert languages["pawsx"] == ["de", "en", "zh"]  # has no Swahili
    assert languages["bucc"] == ["de", "zh"]
    assert languages["tatoeba"] == ["de", "sw", "zh"]  # pairs with English


def test_languages_asked_for_are_taken_where_they_are(plan):
    study = plan(languages=["sw", "en"])
    assert study.languages["xnli"] == ["en", "sw"]
    assert study.languages["pawsx"] == ["en"]
    assert study.languages["bucc"] == []
    assert "bucc is left out: it has none of the languages sw, en." in study.problems
    assert "bucc" not in study.target_tasks


def test_languages_of_one_task_go_before_those_of_all(plan):
    study = plan(languages=["en"], tasks__xnli__languages=["zh", "sw"])
    assert study.languages["xnli"] == ["sw", "zh"]
    assert study.languages["pos"] == ["en"]


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"languages": ["en", "xx"]}, "no target task has data in 'xx'; choose one of: "),
        ({"tasks__xnli__languages": ["yo"]}, "xnli has no language 'yo'; choose one of: ar, "),
        (
            {"tasks__xnli__languages": ["en", "fr"]},
            "no data for 'fr'; put facebook__xnli/fr/test.parquet into the data folder.",
        ),
        ({"tasks__tatoeba__languages": ["en"]}, "tatoeba has no language 'en'; choose one of: "),
    ],
)  # fmt: skip
def test_a_language_that_is_not_there_is_refused(plan, edits, sentence):
    with pytest.raises(StudyError) as caught:
        plan(**edits)
    assert sentence in str(caught.value)


def test_a_language_without_data_is_answered_with_those_that_have_some(plan):
    # TyDiQA keeps all its languages in one file, so of it only the sheet is known.
    with pytest.raises(StudyError, match=r"in 'fr'; choose one of: de, en, sw, zh\."):
        plan(languages=["fr"], target_tasks=["xnli", "pawsx", "bucc"])


def written(folder, name, columns):
    path = folder / name
    path.unlink(missing_ok=True)
    pq.write_table(pa.table({column: ["x"] for column in columns}), path)
    return path


@pytest.fixture
def own_root(data_root, tmp_path):
    """A data folder whose files a test may change."""
    return Path(shutil.copytree(data_root, tmp_path / "own"))


XNLI, MNLI = "facebook__xnli/de/test.parquet", "nyu-mll__glue/mnli/train.parquet"


@pytest.mark.parametrize("name", [XNLI, MNLI])
def test_a_missing_column_is_told_before_anything_runs(plan, own_root, name):
    edits = {"data_root": str(own_root), "intermediate_tasks": ["mnli"], "target_tasks": ["xnli"],
             "multitask__enabled": False}  # fmt: skip
    written(own_root, name, ["premise", "hypotheses", "label"])
    with pytest.raises(StudyError) as caught:
        plan(**edits)
    assert f"{name} has no column 'hypothesis', which the sheet of" in str(caught.value)
    assert str(caught.value).endswith("did you mean 'hypotheses'?")
    written(own_root, name, ["premise", "hypothesis", "label", "more"])
    plan(**edits)


def test_columns_are_remembered_and_told_anew_after_an_edit(tmp_path):
    path = written(tmp_path, "a.parquet", ["one", "two"])
    digests = data_files.FileDigests(tmp_path / "memory")
    assert digests.columns(path) == ["one", "two"]
    digests.save()
    assert data_files.FileDigests(tmp_path / "memory").columns(path) == ["one", "two"]
    written(tmp_path, "a.parquet", ["three"])
    assert digests.columns(path) == ["three"]
    path.write_bytes(b"PAR1 no columns PAR1")
    assert digests.columns(path) == []


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".tsv"])
def test_data_in_another_format_are_told(plan, own_root, ending):
    (own_root / MNLI).unlink()
    (own_root / MNLI).with_suffix(ending).write_text("premise,hypothesis,label\n")
    study = plan(data_root=str(own_root), intermediate_tasks=["mnli", "qqp"], target_tasks=["pos"],
                 multitask__enabled=False)  # fmt: skip
    assert study.problems[0] == (
        f"mnli is left out: put {MNLI} (made of the train{ending} there, which is not read) into "
        f"{own_root}."
    )
