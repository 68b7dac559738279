"""Test sets that training is kept apart from: of sheets and files, never of a study's targets."""

import pytest

from xstilts.core import StudyError


def names(study, stage):
    return set(study.runs[stage])


def test_a_recipe_names_the_test_sets_of_its_sheet(plan):
    recipe = plan().data("squad_v2").recipe
    assert sorted(recipe["apart_from"]) == ["xquad"]
    assert [part["config"] for part in recipe["apart_from"]["xquad"]["parts"]] == ["XQuAD.en"]
    assert any("XQuAD.en" in file for file in recipe["source"]["files"])
    assert "apart_from" not in plan().data("qqp").recipe


def test_targets_that_come_and_go_rename_no_training(plan):
    with_xquad, without = plan(), plan(target_tasks=["pawsx", "mlqa", "pos"])
    assert names(without, "intermediate") <= names(with_xquad, "intermediate")
    assert without.data("squad_v2").name == with_xquad.data("squad_v2").name
    assert without.data("pawsx").name == with_xquad.data("pawsx").name


def test_a_study_that_keeps_shared_texts(plan):
    kept = plan(shared_texts="keep")
    assert "apart_from" not in kept.data("squad_v2").recipe
    assert kept.data("squad_v2").name != plan().data("squad_v2").name
    assert kept.data("qqp").name == plan().data("qqp").name


def test_test_sets_that_are_not_there_are_not_asked_for(plan, data_root, tmp_path):
    import shutil

    folder = tmp_path / "hub"
    shutil.copytree(data_root, folder)
    shutil.rmtree(folder / "google__xtreme" / "XQuAD.en")
    study = plan(data_root=str(folder))
    assert "apart_from" not in study.data("squad_v2").recipe


def test_the_demo_leaves_nothing_out(plan):
    demo = plan(source="demo", data_root=None, limits={"train": 10, "dev": 4, "test": 2})
    assert not any("apart_from" in run.recipe for run in demo.runs["data"].values())


def test_every_training_set_is_compared_with_every_test_set(plan):
    compared = plan().compared_texts()
    assert {"mnli", "squad_v2", "pos", "tydiqa", "ccg"} <= set(compared["training"])
    assert sorted(compared["tests"]) == sorted(plan().target_tasks)


@pytest.mark.parametrize("value", ["leave", True])
def test_no_third_way(plan, value):
    with pytest.raises(StudyError, match="shared_texts"):
        plan(shared_texts=value)
