"""The family tree of a number."""

import pytest

from helpers.finished_study import finish
from xstilts.commands.command_text import explain
from xstilts.core.errors import StudyError
from xstilts.core.receipts import publish, read_receipt


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def test_tree_of_a_cell(plan):
    study = plan()
    finish(study)
    text = explain(study, {"cell": "qqp/xquad/1"})
    lines = text.splitlines()
    runs = [line for line in lines if "|" not in line]
    start, training = study.intermediate("qqp", 1), study.data("squad_v1")
    assert runs == [
        study.target("qqp", ["mlqa", "xquad"], 1).name,
        f"  start: {start.name}",
        f"    start: {study.encoder.name}",
        f"    training data: {study.data('qqp').name}",
        f"  training data: {training.name}",
        f"  test data: {study.data('mlqa').name}",
        f"  test data: {study.data('xquad').name}",
    ]
    own = lines[lines.index(f"  training data: {training.name}") :]
    file = next(iter(training.recipe["source"]["files"]))
    assert f"    | file: {file} sha256 {training.recipe['source']['files'][file]}" in own
    assert f"    | code: {training.recipe['code']}" in own
    assert "    | limits: dev 20, train 100" in own


def test_recipe_versions_and_cost_are_told(plan):
    study = plan()
    finish(study, lambda run: 100.0)
    text = explain(study, {"run": study.intermediate("qqp", 1).name})
    assert "learning_rate 1e-05" in text
    assert "versions: torch 2.13.0" in text
    assert "cost: 1.7 min wall, 1.7 min processor, on cpu" in text


def test_every_run_stands_once(plan):
    study = plan()
    finish(study)
    text = explain(study, {"cell": "multitask/xnli/1"})
    mnli = study.data("mnli").name
    assert text.count(f"training data: {mnli}\n") == 1
    assert text.count(f"training data: {mnli} (see above)") == 1


def test_a_run_that_is_not_made_yet_and_one_that_diverged(plan):
    study = plan()
    run = study.intermediate("qqp", 1)
    assert explain(study, {"run": run.name}).startswith(f"{run.name} (not made yet)")
    finish(study)
    diverged = {"status": "diverged", "reason": "loss is nan"}
    publish(run.folder, read_receipt(run.folder) | diverged)
    assert explain(study, {"run": run.name}).startswith(f"{run.name} (diverged: loss is nan)")


def test_a_run_of_another_config(plan):
    other = plan(tasks__qqp__training__epochs=9)
    finish(other)
    name = other.intermediate("qqp", 1).name
    assert "epochs 9" in explain(plan(), {"run": name})


def test_a_parent_whose_receipt_is_gone(plan):
    other = plan(tasks__qqp__training__epochs=9)
    finish(other)
    lost = other.intermediate("qqp", 1)
    lost.receipt.unlink()
    text = explain(plan(), {"run": other.target("qqp", ["xnli"], 1).name})
    assert f"start: (lost)-{lost.digest}: its receipt is gone" in text


@pytest.mark.parametrize("form", ["name", "digest", "label"])
def test_a_run_may_be_named_in_short(plan, form):
    study = plan()
    run = study.intermediate("qqp", 1)
    short = {"name": run.name, "digest": run.digest, "label": run.label}[form]
    assert explain(study, {"run": short}).startswith(run.name)


def test_a_short_name_of_several_runs(plan):
    finish(plan(tasks__qqp__training__epochs=9))
    with pytest.raises(StudyError, match="there are several; choose one of: qqp-seed1-"):
        explain(plan(), {"run": "qqp-seed1"})


def test_the_seed_of_a_cell_may_be_left_out(plan):
    study = plan()
    assert explain(study, {"cell": "qqp/xnli"}) == explain(study, {"cell": "qqp/xnli/1"})


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({"cell": "qqp/xnil/1"}, "--cell qqp/xnil/1: the study has no such cell; "
         "did you mean 'qqp/xnli/1'?"),
        ({"cell": "everything"}, "write INTERMEDIATE/TARGET/SEED."),
        ({"run": "qpq-seed1"}, "--run qpq-seed1: there is no such run; did you mean 'qqp-seed1'?"),
        ({}, "say which number, with --run NAME"),
        ({"run": "qqp-seed1", "cell": "qqp/xnli/1"}, "say which number"),
    ],
)  # fmt: skip
def test_nearest_names(plan, question, sentence):
    with pytest.raises(StudyError) as error:
        explain(plan(), question)
    assert sentence in str(error.value)
