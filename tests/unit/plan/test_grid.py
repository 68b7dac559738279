"""The grid: how many runs there are, what they share, and which rows saw a target's own data."""

import json
import shutil
from pathlib import Path

import pytest

from xstilts.core import StudyError
from xstilts.plan.grid import job_description

ROWS = [
    "none", "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa",
    "commonsenseqa", "multitask",
]  # fmt: skip
TRAINED_GROUPS = 6  # XNLI, PAWS-X, POS, NER, XQuAD with MLQA, TyDiQA
SEARCHED = 2  # BUCC and Tatoeba
TASKS = 18


def counts(study):
    return {stage: len(runs) for stage, runs in study.runs.items()}


@pytest.mark.parametrize("seeds", [[1], [1, 2, 3]])
def test_number_of_runs(plan, seeds):
    n = len(seeds)
    study = plan(seeds=seeds)
    assert study.rows == ROWS
    assert counts(study) == {
        "encoder": 1,
        "translation": 0,
        "data": TASKS,
        "activations": TASKS,
        "intermediate": 10 * n,
        # The baseline's search has no seed: nothing in it is trained.
        "target": 11 * n * TRAINED_GROUPS + (10 * n + 1) * SEARCHED,
        "embeddings": TASKS,
        "evidence": 9 * n,
    }
    assert len(study.cells) == 11 * 9 * n


def test_nothing_frozen_needs_no_activations(plan):
    assert counts(plan(encoder__frozen_layers=0))["activations"] == 0


def test_no_intermediate_task_leaves_the_baseline(plan):
    study = plan(intermediate_tasks=[])
    assert study.rows == ["none"]
    assert counts(study)["intermediate"] == 0


@pytest.mark.parametrize(
    ("edits", "rows"),
    [
        ({"intermediate_tasks": ["qqp"]}, ["none", "qqp"]),  # one task is no multi-task row
        ({"intermediate_tasks": ["qqp", "ccg"]}, ["none", "qqp", "ccg", "multitask"]),
        (
            {"intermediate_tasks": ["qqp", "ccg"], "multitask__enabled": False},
            ["none", "qqp", "ccg"],
        ),
    ],
)  # fmt: skip
def test_rows(plan, edits, rows):
    assert plan(**edits).rows == rows


def test_xquad_and_mlqa_share_one_run(plan):
    study = plan()
    runs = {cell.target: cell.run for cell in study.cells if cell.intermediate == "mnli"}
    assert runs["xquad"] is runs["mlqa"]
    assert [one["target"] for one in runs["xquad"].recipe["evaluation"]] == ["mlqa", "xquad"]
    assert len({run.name for run in runs.values()}) == 8


def test_xquad_with_settings_of_its_own_trains_alone(plan):
    study = plan(tasks__xquad__training__epochs=9)
    runs = {cell.target: cell.run.name for cell in study.cells if cell.intermediate == "none"}
    assert runs["xquad"] != runs["mlqa"]


def test_mining_and_retrieval_train_nothing(plan):
    for cell in plan().cells:
        searched = cell.target in ("bucc", "tatoeba")
        assert ("retrieval" in cell.run.recipe) == searched
        for key in ("training", "tasks", "seed"):
            assert (key in cell.run.recipe) != searched


def test_baseline_starts_from_the_untuned_encoder_and_rows_from_their_own(plan):
    study = plan(seeds=[1, 2])
    for cell in study.cells:
        assert cell.run.recipe["parent"] == cell.parent.digest
        if cell.intermediate == "none":
            assert cell.parent is study.encoder
        else:
            assert cell.parent.recipe["seed"] == cell.seed
            assert cell.parent.recipe["parent"] == study.encoder.digest


def test_multitask_trains_on_all_rows_or_on_those_that_it_names(plan):
    def members(study):
        return {task["task"] for task in study.intermediate("multitask", 1).recipe["tasks"]}

    assert members(plan()) == set(ROWS[1:-1])
    assert members(plan(multitask__tasks=["ccg", "qqp"])) == {"ccg", "qqp"}


def test_recipes_know_nothing_of_the_machine(plan, data_root):
    study = plan()
    for runs in study.runs.values():
        for run in runs.values():
            assert str(data_root) not in json.dumps(run.recipe)
            assert not run.folder.is_absolute()
            if run.stage in ("intermediate", "target"):
                assert str(data_root) not in job_description(run)


def test_jobs_are_told_where_everything_lies(plan):
    study = plan()
    cell = next(c for c in study.cells if (c.intermediate, c.target) == ("qqp", "xnli"))
    job = json.loads(job_description(cell.run))
    assert job["folder"] == f"results/runs/target/{cell.run.name}"
    assert job["intermediate"] == f"results/runs/intermediate/{cell.parent.name}"
    assert set(job["inputs"]) == {"mnli", "xnli"}
    assert set(job["inputs"]["mnli"]) == {"data", "activations"}
    baseline = next(c for c in study.cells if c.intermediate == "none")
    assert json.loads(job_description(baseline.run))["intermediate"] is None


SAME_DATA = {
    ("mnli", "xnli"), ("anli", "xnli"), ("multitask", "xnli"),
    ("squad_v1", "xquad"), ("squad_v2", "xquad"), ("multitask", "xquad"),
    ("squad_v1", "mlqa"), ("squad_v2", "mlqa"), ("multitask", "mlqa"),
}  # fmt: skip


def test_rows_that_saw_the_training_set_of_a_target_are_flagged(plan):
    flagged = {
        (cell["intermediate"], cell["target"])
        for cell in plan().table_of_cells()
        if cell["same_data"]
    }
    assert flagged == SAME_DATA


def test_multitask_without_the_training_set_is_not_flagged(plan):
    study = plan(multitask__tasks=["qqp", "squad_v2"])
    assert not study.contains_training_set("multitask", "xnli")
    assert study.contains_training_set("multitask", "xquad")


def test_trained_tasks_name_the_runs_that_show_how_they_learn(plan):
    found = {(one["role"], one["task"]): one for one in plan(seeds=[1, 2]).trained_tasks()}
    assert len(found) == 9 + 7  # of the nine targets two are not trained
    assert found["target", "xnli"]["data"] == "mnli"
    names = [Path(folder).name.rpartition("-")[0] for folder in found["target", "xnli"]["folders"]]
    assert names == ["none--xnli-seed1", "none--xnli-seed2"]
    assert "mnli-seed2" in found["intermediate", "mnli"]["folders"][1]


def test_missing_data_leave_out_what_needs_them_and_say_so(plan, data_root, tmp_path):
    hub = tmp_path / "hub"
    shutil.copytree(data_root, hub)
    shutil.rmtree(hub / "rajpurkar__squad")
    (hub / "silver__ccg_supertag/default/validation.parquet").unlink()
    study = plan(data_root=str(hub))
    assert set(ROWS) - set(study.rows) == {"squad_v1", "ccg"}
    assert {"xquad", "mlqa"}.isdisjoint(study.target_tasks)
    squad = f"put rajpurkar__squad/plain_text/train.parquet into {hub}."
    assert sorted(study.problems) == sorted(
        [f"{task} is left out: {squad}" for task in ("squad_v1", "xquad", "mlqa")]
        + [f"ccg is left out: put silver__ccg_supertag/default/validation.parquet into {hub}."]
    )


def test_empty_data_folder_stops_the_study(plan, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match=r"nothing can run: .*xnli is left out: .* into "):
        plan(data_root=str(tmp_path / "empty"))


LOW_RESOURCE = ["sib200", "masakhaner", "masakhapos", "americasnli", "xcopa"]


def test_low_resource_targets_cost_nothing_beside_those_they_share_a_training_set_with(plan):
    alone = ["xnli", "ner", "pos"]
    study = plan(target_tasks=[*alone, *LOW_RESOURCE])
    assert study.target_groups == [
        ["americasnli", "xnli"], ["masakhaner", "ner"], ["masakhapos", "pos"], ["sib200"],
        ["xcopa"],
    ]  # fmt: skip
    fine_tunes = counts(plan(target_tasks=alone))["target"]
    assert counts(plan(target_tasks=[*alone, *LOW_RESOURCE[1:4]]))["target"] == fine_tunes


def test_xcopas_training_set_holds_social_iqa_and_copa(plan):
    study = plan(target_tasks=["xcopa"], intermediate_tasks=["socialiqa", "copa", "piqa"])
    seen = [name for name in study.rows if study.contains_training_set(name, "xcopa")]
    assert seen == ["socialiqa", "copa", "multitask"]
