"""Recipes of similarity: whose text stands for a task, and what an edit makes anew."""

import json

import pytest

from xstilts.core import StudyError
from xstilts.plan.grid import job_description


def new(before, after, stage="embeddings"):
    names = before.runs[stage].keys()
    return {run.label for name, run in after.runs[stage].items() if name not in names}


def test_text_is_a_tasks_own(plan):
    study = plan(languages=["en", "de"])
    own = study.embeddings
    assert {target: own.text_of(target) for target in study.target_tasks} == {
        target: target for target in study.target_tasks
    }
    splits = {name: run.recipe["text"]["split"] for name, run in own.embedded.items()}
    assert {name for name, split in splits.items() if split == "test"} == {
        "xnli", "xquad", "mlqa", "bucc", "tatoeba",
    }  # fmt: skip


def test_labels_are_those_of_training_sets_alone(plan):
    recipes = {name: run.recipe for name, run in plan().embeddings.embedded.items()}
    unlabelled = {name for name, recipe in recipes.items() if recipe["labelled"] is None}
    assert unlabelled == {"xnli", "xquad", "mlqa", "bucc", "tatoeba"}
    targets = plan().embeddings.plan()["targets"]
    assert {name: task["labels"] for name, task in targets.items()} == {
        "xnli": "mnli", "pawsx": "pawsx", "pos": "pos", "ner": "ner", "xquad": "squad_v1",
        "mlqa": "squad_v1", "tydiqa": "tydiqa", "bucc": None, "tatoeba": None,
    }  # fmt: skip


def test_without_english_a_target_borrows_its_training_sets_text(plan):
    study = plan(languages=["de", "sw"])
    assert study.embeddings.text_of("xnli") == "mnli"
    assert study.embeddings.text_of("pawsx") == "pawsx"
    assert study.embeddings.text_of("bucc") == "bucc"
    assert any("xnli has no English test set" in one for one in study.embeddings.problems)
    assert study.embeddings.embedded["xnli"].recipe["text"]["examples"] == 0


def test_a_training_set_that_is_no_row_is_embedded_too(plan):
    study = plan(intermediate_tasks=["qqp"], target_tasks=["xnli"])
    assert set(study.runs["data"]) == {study.data(name).name for name in ("qqp", "mnli", "xnli")}
    assert set(study.embeddings.embedded) == {"qqp", "mnli", "xnli"}
    assert set(study.embeddings.plan()["intermediates"]) == {"qqp"}


TASKS = {
    "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa",
    "commonsenseqa", "xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba",
}  # fmt: skip
CHOICES = {"hellaswag", "cosmosqa", "commonsenseqa"}
EDITS = {
    "sample": ({"similarity__examples": 50}, TASKS),
    "seed": ({"similarity__seed": 2}, TASKS),
    "template": ({"similarity__text": {"multiple_choice": ["context"]}}, CHOICES),
    "data of one task": ({"tasks__ccg__limits__train": 50}, {"ccg"}),
    "head of one task": ({"tasks__qqp__training__head": "mean"}, {"qqp"}),
    "learning rate of one task": ({"tasks__qqp__training__learning_rate": 3e-5}, set()),
    "subsamples": ({"similarity__subsamples": 70}, set()),
    "primary": ({"similarity__primary": "negative_mmd"}, set()),
    "one measure less": ({"similarity__measures": ["text_embedding", "task_embedding"]}, set()),
    "no labelled measure": ({"similarity__measures": ["text_embedding"]},
                            TASKS - {"xnli", "xquad", "mlqa", "bucc", "tatoeba"}),
    "frozen layers": ({"encoder__frozen_layers": 2}, TASKS),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_edit_embeds_what_it_concerns(plan, edit):
    edits, expected = EDITS[edit]
    assert new(plan(), plan(**edits)) == expected


def test_evidence_follows_the_intermediate_runs(plan):
    before = plan()
    edited = plan(tasks__qqp__training__learning_rate=3e-5)
    assert new(before, edited, "evidence") == {"qqp-seed1"}
    assert plan(similarity__measures=["text_embedding"]).runs["evidence"] == {}
    assert len(plan(seeds=[1, 2]).embeddings.plan()["evidence"]["qqp"]) == 2


def test_nothing_to_score_without_labels(plan):
    study = plan(target_tasks=["bucc"])
    assert study.runs["evidence"] == {}


def test_a_job_is_plain_and_relative(plan):
    study = plan()
    (run,) = study.embeddings.scored["qqp"]
    job = json.loads(job_description(run))
    assert job["intermediate"] == str(study.intermediate("qqp", 1).folder)
    assert set(job["inputs"]) == {"mnli", "pawsx", "pos", "ner", "squad_v1", "tydiqa"}
    assert job["folder"].startswith("results/similarity/evidence/qqp-seed1-")


def embedder(folder):
    (folder / "1_Pooling").mkdir(parents=True)
    for name in ("modules.json", "config.json", "1_Pooling/config.json"):
        (folder / name).write_text(f'"{name}"')
    return folder


def test_an_embedder_is_known_by_its_files(plan, tmp_path):
    one = embedder(tmp_path / "one")
    before = plan(similarity__text_embedder=str(one))
    assert new(plan(), before) == TASKS
    one.rename(tmp_path / "moved")
    assert new(before, plan(similarity__text_embedder=str(tmp_path / "moved"))) == set()
    (tmp_path / "moved" / "1_Pooling" / "config.json").write_text("{}")
    assert new(before, plan(similarity__text_embedder=str(tmp_path / "moved"))) == TASKS


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"similarity__primary": "text_embeding"}, "did you mean 'text_embedding'?"),
        ({"similarity__measures": ["text_embeding"]}, "key 'similarity.measures': There is no me"),
        ({"similarity__language_measures": ["format_overlap"]}, "is not taken by language; choose"),
        ({"similarity__measures": ["negative_mmd"]}, "not among similarity.measures"),
        ({"similarity__language_embedder": "no/such/folder"}, "has no modules.json"),
        ({"similarity__labelled_examples": 60}, "set it to 15 or less"),
        ({"similarity__exmples": 9}, "did you mean 'examples'?"),
        ({"similarity__text": {"span_qa": ["answer"]}}, "choose one of: context, question"),
        ({"similarity__text": {"span_qq": ["context"]}}, "did you mean 'span_qa'?"),
    ],
)
def test_mistakes(plan, edits, sentence):
    with pytest.raises(StudyError) as error:
        plan(**edits)
    assert sentence in str(error.value)
