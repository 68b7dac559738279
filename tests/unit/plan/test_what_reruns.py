"""Each edit of a config gives new names to the runs that it concerns, and to no others."""

import os
import shutil

import pytest

from xstilts.plan import recipes

ROWS = {
    "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa",
    "commonsenseqa", "multitask",
}  # fmt: skip
ALL = ROWS | {"none"}
COLUMNS = {"xnli", "pawsx", "pos", "ner", "mlqa+xquad", "tydiqa", "bucc", "tatoeba"}
TRAINED = COLUMNS - {"bucc", "tatoeba"}


def grid(rows: set[str], columns: set[str]) -> set[tuple[str, str]]:
    return {(row, column) for row in rows for column in columns}


def new_names(before, after) -> tuple[set[str], set[str], set[tuple[str, str]]]:
    """Data, intermediate and target runs of `after` that `before` does not have."""

    def labels(stage: str) -> list[str]:
        found = [run for name, run in after.runs[stage].items() if name not in before.runs[stage]]
        return [run.label.partition("-seed")[0] for run in found]

    targets = {tuple(label.split("--")) for label in labels("target")}
    return set(labels("data")), set(labels("intermediate")), targets


# edit -> (prepared data, intermediate encoders, target runs) that get new names
EDITS = {
    "learning rate of one intermediate": (
        {"tasks__qqp__training__learning_rate": 3e-5},
        set(), {"qqp"}, grid({"qqp"}, COLUMNS),
    ),
    "learning rate of XNLI's training set as a row": (
        {"tasks__mnli__training__learning_rate": 3e-5},
        set(), {"mnli"}, grid({"mnli"}, COLUMNS),
    ),
    "setting of one target": (
        {"tasks__pawsx__training__epochs": 9},
        set(), set(), grid(ALL, {"pawsx"}),
    ),
    "head of one target": (
        {"tasks__xnli__training__head": "mean"},
        set(), set(), grid(ALL, {"xnli"}),
    ),
    "setting of every task": (
        {"training__dropout": 0.2},
        set(), ROWS, grid(ALL, TRAINED) | grid(ROWS, COLUMNS),
    ),
    "setting of the multi-task row": (
        {"multitask__training__learning_rate": 1e-4},
        set(), {"multitask"}, grid({"multitask"}, COLUMNS),
    ),
    "sampling rule": (
        {"multitask__sampling": "uniform"},
        set(), {"multitask"}, grid({"multitask"}, COLUMNS),
    ),
    "members of the multi-task row": (
        {"multitask__tasks": ["mnli", "qqp"]},
        set(), {"multitask"}, grid({"multitask"}, COLUMNS),
    ),
    "length of one intermediate": (
        {"tasks__ccg__training__maximum_length": 64},
        {"ccg"}, {"ccg", "multitask"}, grid({"ccg", "multitask"}, COLUMNS),
    ),
    "data limit of one intermediate": (
        {"tasks__qqp__limits__train": 50},
        {"qqp"}, {"qqp", "multitask"}, grid({"qqp", "multitask"}, COLUMNS),
    ),
    "data limit of a training set": (
        {"tasks__mnli__limits__train": 50},
        {"mnli"}, {"mnli", "multitask"}, grid({"mnli", "multitask"}, COLUMNS) | grid(ALL, {"xnli"}),
    ),
    "test limit": (
        {"limits__test": 9},
        {"xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"},
        set(), grid(ALL, COLUMNS),
    ),
    "one language less": (
        {"languages": ["en", "de", "zh"], "tasks__tydiqa__languages": ["en", "ko"]},
        {"xnli", "ner", "tatoeba", "tydiqa"},  # PAWS-X, POS and the others have no Swahili
        set(), grid(ALL, {"xnli", "ner", "tatoeba", "tydiqa"}),
    ),
    "sampling seed": (
        {"data_seed": 2}, {*ROWS - {"multitask"}, "xnli", "pawsx", "pos", "ner", "xquad", "mlqa",
        "tydiqa", "bucc", "tatoeba"}, ROWS, grid(ALL, COLUMNS),
    ),
    "frozen layers": ({"encoder__frozen_layers": 2}, set(), ROWS, grid(ALL, COLUMNS)),
    "precision": (
        {"precision": "bfloat16", "accelerator": "gpu"}, set(), ROWS, grid(ALL, COLUMNS),
    ),
    "a batch of XNLI's training set in two parts": (
        {"tasks__xnli__training__gradient_accumulation": 2}, set(), set(), grid(ALL, {"xnli"}),
    ),
    "margin": (
        {"retrieval__margin": "cosine"}, set(), set(), grid(ALL, {"bucc", "tatoeba"}),
    ),
    "a row less, which the multi-task row loses too": (
        {"intermediate_tasks": ["anli", "mnli", "qqp"]},
        set(), {"multitask"}, grid({"multitask"}, COLUMNS),
    ),
    "a row less, which the multi-task row never had": (
        {"intermediate_tasks": ["anli", "mnli", "qqp"], "multitask__enabled": False},
        set(), set(), set(),
    ),
    "a column less": ({"target_tasks": ["xnli", "pos"]}, set(), set(), set()),
    "XQuAD without MLQA": (
        {"target_tasks": ["xquad"]}, set(), set(), grid(ALL, {"xquad"}),
    ),
    "sample of similarity": (
        {"similarity__examples": 50, "similarity__seed": 2}, set(), set(), set(),
    ),
    "more intervals": ({"intervals__resamples": 2000}, set(), set(), set()),
    "seconds between checkpoints": ({"checkpoint_seconds": 5}, set(), set(), set()),
    "layers computed twice": ({"activation_checkpointing": True}, set(), set(), set()),
    "several jobs on a GPU": ({"jobs_per_gpu": 3}, set(), set(), set()),
    "how a GPU makes steps, on a processor": ({"gpu_step": "lean"}, set(), set(), set()),
    "how a GPU makes steps": (
        {"accelerator": "gpu", "gpu_step": "lean"},
        set(), ROWS, grid(ALL, TRAINED) | grid(ROWS, COLUMNS),
    ),
    "a batch in one part": ({"training__gradient_accumulation": 1}, set(), set(), set()),
    "how jobs start": ({"preloaded": False}, set(), set(), set()),
    "description": ({"description": "Another."}, set(), set(), set()),
    "name of the study": ({"study": "other"}, set(), set(), set()),
    "accelerator": ({"accelerator": "gpu"}, set(), set(), set()),
    "default written out": ({"tasks__qqp__training__learning_rate": 1e-5}, set(), set(), set()),
    "number written as text": ({"training__learning_rate": "1e-5"}, set(), set(), set()),
    "whole number written as a fraction": ({"multitask__epochs": 1.0}, set(), set(), set()),
    "order of rows": (
        {"intermediate_tasks": ["commonsenseqa", "cosmosqa", "ccg", "hellaswag", "squad_v2",
         "squad_v1", "qqp", "mnli", "anli"]}, set(), set(), set(),
    ),
    "order of columns": (
        {"target_tasks": ["tatoeba", "bucc", "tydiqa", "mlqa", "xquad", "ner", "pos", "pawsx",
         "xnli"]}, set(), set(), set(),
    ),
    "setting of a task that is not in the study": (
        {"intermediate_tasks": ["qqp"], "tasks__ccg__training__epochs": 1}, set(), set(), set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_edit_renames_what_it_concerns(plan, edit):
    edits, *expected = EDITS[edit]
    assert new_names(plan(), plan(**edits)) == tuple(expected)


def test_languages_in_another_order_are_the_same(plan):
    one, other = plan(languages=["sw", "en", "zh"]), plan(languages=["zh", "sw", "en"])
    assert one.runs.keys() == other.runs.keys()
    assert all(one.runs[stage].keys() == other.runs[stage].keys() for stage in one.runs)


def test_one_more_language_trains_no_intermediate_encoder_again(plan):
    one, other = plan(languages=["en", "de"]), plan(languages=["en", "de", "sw"])
    data, intermediate, targets = new_names(one, other)
    assert data == {"xnli", "ner", "tydiqa", "tatoeba"}
    assert intermediate == set()
    assert targets == grid(ALL, {"xnli", "ner", "tydiqa", "tatoeba"})


def test_one_more_seed_keeps_all_old_names(plan):
    one, other = plan(seeds=[1]), plan(seeds=[1, 2])
    for stage in one.runs:
        assert one.runs[stage].keys() <= other.runs[stage].keys()
    assert len(other.runs["intermediate"]) == 20
    assert plan(seeds=[2, 1]).runs["target"].keys() == other.runs["target"].keys()


def test_studies_share_what_is_the_same_in_both(plan):
    small = plan(study="small", intermediate_tasks=["qqp"], target_tasks=["xnli", "bucc"])
    whole = plan()
    # LogME of a row is one job for all targets of a study.
    for stage in small.runs.keys() - {"evidence"}:
        assert small.runs[stage].keys() <= whole.runs[stage].keys()
    assert small.tables != whole.tables


def test_undoing_an_edit_finds_the_old_runs(plan):
    before = plan().runs["target"].keys()
    plan(training__epochs=9)
    assert plan().runs["target"].keys() == before


@pytest.fixture
def hub(data_root, tmp_path):
    shutil.copytree(data_root, tmp_path / "hub")
    return tmp_path / "hub"


NOTHING = (set(), set(), set())


def test_data_that_moved_are_the_same(plan, hub):
    assert new_names(plan(), plan(data_root=str(hub))) == NOTHING


def test_touched_data_are_the_same(plan, hub):
    before = plan(data_root=str(hub))
    for path in hub.rglob("*.parquet"):
        os.utime(path, (1, 1))
    assert new_names(before, plan(data_root=str(hub))) == NOTHING


@pytest.mark.parametrize(
    ("file", "data", "intermediate", "targets"),
    [
        ("nyu-mll__glue/qqp/train.parquet", {"qqp"}, {"qqp", "multitask"},
         grid({"qqp", "multitask"}, COLUMNS)),
        # ANLI+ contains MultiNLI, and XNLI is trained on it.
        ("nyu-mll__glue/mnli/train.parquet", {"mnli", "anli"}, {"mnli", "anli", "multitask"},
         grid({"mnli", "anli", "multitask"}, COLUMNS) | grid(ALL, {"xnli"})),
        ("google__xtreme/MLQA.zh.zh/test.parquet", {"mlqa"}, set(), grid(ALL, {"mlqa+xquad"})),
        ("facebook__xnli/fr/train.parquet", set(), set(), set()),
    ],
)  # fmt: skip
def test_edited_bytes_rename_their_users(plan, hub, file, data, intermediate, targets):
    before = plan(data_root=str(hub))
    (hub / file).parent.mkdir(exist_ok=True)
    (hub / file).write_bytes(b"PAR1 other bytes PAR1")
    assert new_names(before, plan(data_root=str(hub))) == (data, intermediate, targets)


def test_new_demo_grammar_does_not_touch_studies_on_real_data(plan):
    recipe = plan().data("mnli").recipe
    assert "lexicon" not in recipe["source"]
    assert set(recipe["source"]["files"]) == {
        "nyu-mll__glue/mnli/train.parquet", "nyu-mll__glue/mnli/validation_matched.parquet",
    }  # fmt: skip


def test_what_nobody_asks_for_is_in_no_recipe_and_all_else_is():
    settings = dict.fromkeys(recipes.TRAINING_KEYS)
    asked = recipes.training_recipe(settings | {"gradient_accumulation": 2})
    assert asked.keys() == set(recipes.TRAINING_KEYS)
    unasked = recipes.training_recipe(settings | {"gradient_accumulation": 1})
    assert asked.keys() - unasked.keys() == {"gradient_accumulation"}
