"""The family tree of a number."""

import pyarrow as pa
import pyarrow.parquet as pq
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
    assert lines[:2] == ["qqp -> xquad, seed 1: no score yet; run the study.", ""]
    runs = [line for line in lines[2:] if "|" not in line]
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


def test_a_cell_begins_with_what_it_explains(plan):
    study = plan()
    finish(study)
    study.tables.mkdir(parents=True, exist_ok=True)
    keys = {"intermediate": "qqp", "target": "xquad", "seed": 1}
    scores = [
        keys | {"language": language, "metric": metric, "primary": primary, "value": value, "n": 90}
        for language, value in (("en", 80.0), ("sw", 61.0))
        for metric, primary in (("qa_f1", True), ("exact_match", False))
    ]
    gains = [
        keys | {"language": language, "baseline": baseline, "gain": gain, "low": low, "high": high}
        for language, baseline, gain, low, high in (
            ("en", 80.5, -0.5, -2.0, 1.0), ("sw", 57.5, 3.5, 1.25, 5.75),
        )
    ]  # fmt: skip
    other = [row | {"target": "mlqa", "value": 1.0} for row in scores]
    pq.write_table(pa.Table.from_pylist(scores + other), study.tables / "scores.parquet")
    pq.write_table(pa.Table.from_pylist(gains), study.tables / "gains.parquet")
    assert explain(study, {"cell": "qqp/xquad"}).splitlines()[:6] == [
        "qqp -> xquad, seed 1: qa_f1 70.5, the mean over 2 languages; gain +1.5 over the baseline",
        "language  qa_f1  baseline  gain  95 % interval  test items",
        "--------  -----  --------  ----  -------------  ----------",
        "en         80.0      80.5  −0.5   −2.0 to +1.0          90",
        "sw         61.0      57.5  +3.5   +1.2 to +5.8          90",
        "",
    ]


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
