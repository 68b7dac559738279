"""A study of fewer languages reads what was predicted in more, and nothing else stands for it."""

import shutil

import pytest

from helpers.finished_study import finish
from xstilts.plan import wider_data
from xstilts.plan.wider_data import WiderData

ALL = ["en", "de", "sw", "zh"]


@pytest.fixture
def finished(plan):
    """A finished study of XNLI, POS and Tatoeba in four languages."""
    study = plan(**small(ALL))
    finish(study)
    return study


def small(languages, **edits):
    chosen = {"intermediate_tasks": ["qqp"], "target_tasks": ["xnli", "pos", "tatoeba"]}
    return chosen | {"languages": languages, "similarity__measures": ["text_embedding"]} | edits


def target_runs(study, *tasks):
    runs = study.runs["target"].values()
    return {run.name for run in runs if any(f"--{task}" in run.label for task in tasks)}


def test_fewer_languages_read_the_runs_of_all(plan, finished):
    fewer = plan(**small(["de", "sw"]))
    trained = "xnli", "pos"
    assert target_runs(fewer, *trained) == target_runs(finished, *trained)
    # A search compares layers over its languages.
    assert not target_runs(fewer, "tatoeba") & target_runs(finished, "tatoeba")
    assert fewer.languages["xnli"] == ["de", "sw"]
    asked = {cell["target"]: cell.get("languages") for cell in fewer.table_of_cells()}
    assert asked == {"xnli": ["de", "sw"], "pos": ["de"], "tatoeba": None}
    assert (
        "xnli: of the predictions in 4 languages that are there, the study reads its own 2."
        in fewer.problems
    )


def test_more_languages_are_other_runs(plan, finished):
    finish(plan(**small(["de"])))
    more = plan(**small(["de", "sw"]))
    assert target_runs(more, "xnli") == target_runs(finished, "xnli")
    shutil.rmtree("results")
    finish(plan(**small(["de"])))
    assert not target_runs(plan(**small(["de", "sw"])), "xnli") & target_runs(finished, "xnli")


def test_of_several_the_narrowest(plan, finished):
    narrower = plan(**small(["de", "sw"]))
    shutil.rmtree("results")
    own = plan(**small(["de", "sw"]))
    finish(own)
    finish(finished)
    assert narrower.cells != own.cells
    assert target_runs(plan(**small(["sw"])), "xnli") == target_runs(own, "xnli")


@pytest.mark.parametrize(
    "edits",
    [
        {"tasks__xnli__limits__test": 3},
        {"tasks__xnli__training__maximum_length": 99},
        {"data_seed": 7},
    ],
    ids=str,
)
def test_other_differences_are_other_data(plan, finished, edits):
    other = plan(**small(["de", "sw"], **edits))
    assert not target_runs(other, "xnli") & target_runs(finished, "xnli")
    assert "xnli" not in other.prepared.wider.chosen


def test_a_changed_file_of_a_language_that_is_read(plan, finished, base, data_root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(data_root, copy)
    (path,) = copy.glob("facebook__xnli/de/test.parquet")
    path.write_bytes(b"PAR1 other PAR1")
    fewer = small(["de", "sw"], data_root=str(copy))
    assert not target_runs(plan(**fewer), "xnli") & target_runs(finished, "xnli")
    without = small(["en", "sw"], data_root=str(copy))
    assert target_runs(plan(**without), "xnli") == target_runs(finished, "xnli")


def test_files_of_further_languages_may_be_gone(plan, finished, data_root, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(data_root, copy)
    shutil.rmtree(copy / "facebook__xnli" / "zh")
    fewer = plan(**small(["de", "sw"], data_root=str(copy)))
    assert target_runs(fewer, "xnli") == target_runs(finished, "xnli")


def test_what_is_prepared_and_not_predicted_is_not_taken(plan, finished):
    for folder in finished.cells[0].run.folder.parent.glob("none--xnli*"):
        shutil.rmtree(folder)
    fewer = plan(**small(["de", "sw"]))
    assert not target_runs(fewer, "xnli") & target_runs(finished, "xnli")


def test_own_predictions_come_first(plan, finished):
    shutil.rmtree("results")
    own = plan(**small(["de", "sw"]))
    finish(own)
    finish(finished)
    assert target_runs(plan(**small(["de", "sw"])), "xnli") == target_runs(own, "xnli")


def test_a_damaged_receipt_is_no_data(plan, finished):
    (finished.data("xnli").folder / "receipt.json").write_text("{")
    assert "xnli" not in plan(**small(["de", "sw"])).prepared.wider.chosen


def test_a_job_reads_what_its_caller_chose(plan, finished):
    run = plan(**small(["de", "sw"])).data("xnli")
    shutil.rmtree("results")
    own = plan(**small(["de", "sw"])).data("xnli")
    finish(finished)
    assert WiderData({}).instead_of(own) == own
    assert WiderData({"xnli": run.name}).instead_of(own).name == run.name
    for folder in finished.cells[0].run.folder.parent.glob("none--xnli*"):
        shutil.rmtree(folder)
    assert WiderData({"xnli": run.name}).instead_of(own).name == run.name


def test_labels_that_come_from_the_test_sets_are_others(plan, finished):
    fewer = plan(**small(["de", "sw"]))
    own = fewer.prepared._data_recipe("xnli")
    wide = finished.data("xnli").recipe
    assert wider_data._is_wider(wide, own | {"stage": "data"})
    by_data = {"labels": "from_data"}
    assert not wider_data._is_wider(wide | by_data, own | {"stage": "data"} | by_data)
