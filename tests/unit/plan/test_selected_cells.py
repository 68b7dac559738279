"""The cells of a plan: what is run of the grid, and plans that are another config's."""

import json

import pytest
import yaml

from xstilts.core import StudyError


def written(path, cells, study="tiny"):
    path.write_text(yaml.safe_dump({"study": study, "cells": cells}))
    return str(path)


CELLS = {
    "none": {"xnli": [1], "pos": [1, 2]},
    "mnli": {"xnli": [1], "pos": [1]},
    "qqp": {"pos": [1, 2]},
}


@pytest.fixture
def chosen(plan, tmp_path):
    """`chosen(cells)`: the study of two seeds with this selection."""
    return lambda cells=CELLS, **others: plan(
        seeds=[1, 2], selection=written(tmp_path / "plan.yaml", cells, **others)
    )


def test_only_the_chosen_cells_are_run_under_the_names_they_have_in_the_grid(chosen, plan):
    study, whole = chosen(), plan(seeds=[1, 2])
    places = [(cell.intermediate, cell.target, cell.seed) for cell in study.cells]
    assert sorted(places) == sorted(
        (row, target, seed) for row, targets in CELLS.items()
        for target, seeds in targets.items() for seed in seeds
    )  # fmt: skip
    for stage in ("intermediate", "target", "evidence", "data"):
        assert set(study.runs[stage]) <= set(whole.runs[stage])
    assert {run.label for run in study.runs["intermediate"].values()} == {
        "mnli-seed1", "qqp-seed1", "qqp-seed2",
    }  # fmt: skip
    assert {run.label for run in study.runs["evidence"].values()} == {
        "mnli-seed1", "qqp-seed1", "qqp-seed2",
    }  # fmt: skip
    # All candidates are still compared: that trains nothing.
    assert study.runs["embeddings"] == whole.runs["embeddings"]
    assert study.rows == ["none", "mnli", "qqp"]
    assert [cell.run.name for cell in whole.cells] == [cell.run.name for cell in study.whole_grid]


def test_what_is_left_out_is_told(chosen, plan):
    own = [sentence for sentence in chosen().problems if "selects" in sentence]
    assert len(own) == 1
    assert "plan.yaml selects 7 of the 198 cells of the grid." in own[0]
    assert "hellaswag" in own[0] and "are not run" in own[0]
    assert not [sentence for sentence in plan().problems if "selects" in sentence]


def test_learning_is_judged_by_the_runs_that_there_are(chosen):
    trained = {(task["task"], task["role"]): task["folders"] for task in chosen().trained_tasks()}
    assert set(trained) == {
        ("mnli", "intermediate"), ("qqp", "intermediate"), ("xnli", "target"), ("pos", "target"),
    }  # fmt: skip
    assert len(trained["qqp", "intermediate"]) == 2
    assert len(trained["xnli", "target"]) == 1 and len(trained["pos", "target"]) == 2


def test_candidates_are_compared_without_any_trained_encoder(plan):
    own = plan().embeddings
    assert "log_evidence" in own.plan()["measures"]
    untrained = own.untrained_plan()
    assert "log_evidence" not in untrained["measures"] and untrained["evidence"] == {}
    assert untrained["embeddings"] == own.plan()["embeddings"]
    json.dumps(untrained)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({**CELLS, "qpq": {"pos": [1]}}, "no intermediate task 'qpq' (did you mean 'qqp'?)"),
        ({**CELLS, "qqp": {"poss": [1]}}, "no target task 'poss' (did you mean 'pos'?)"),
        ({**CELLS, "qqp": {"pos": [3]}}, "no seed '3'"),
        ({"mnli": {"xnli": [1]}}, "xnli with seed 1 has no baseline"),
        ({"mnli": ["xnli"]}, "cells.mnli is no list of targets"),
        ({"mnli": {"xnli": "all"}}, "cells.mnli.xnli is no list of seeds"),
        (None, "it has no `cells`"),
    ],
)
def test_a_plan_of_another_config_is_one_sentence(chosen, cells, sentence):
    with pytest.raises(StudyError) as error:
        chosen(cells)
    assert sentence in str(error.value) and "xstilts plan" in str(error.value)


def test_a_plan_of_another_study_or_no_file_is_one_sentence(chosen, plan):
    with pytest.raises(StudyError, match="a plan of the study 'other', not of 'tiny'"):
        chosen(study="other")
    with pytest.raises(StudyError, match=r"nowhere\.yaml does not exist"):
        plan(selection="nowhere.yaml")
