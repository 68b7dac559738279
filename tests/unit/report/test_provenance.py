"""What receipts say together: who learned, by which chance, and the curves."""

import json

import pandas as pd
import pytest

from xstilts.report import provenance


def receipt(stage: str, points=(), **dev: tuple) -> dict:
    """A receipt whose dev sets have (score, chance)."""
    facts = {
        name: {"score": score, "chance": chance, "standard_error": 3.0, "n": 100}
        for name, (score, chance) in dev.items()
    }
    curve = [{"step": step, "mean": score} for step, score in points]
    return {"recipe": {"stage": stage}, "dev": facts, "training": {"dev_scores": curve}}


def learned(**runs: dict) -> dict[str, bool]:
    paths = [f"results/runs/target/{name}/receipt.json" for name in runs]
    table = provenance.run_learning(paths, list(runs.values()))
    return dict(zip(table["run"], table["learned"], strict=True))


def test_a_run_has_learned_two_standard_errors_above_chance():
    assert learned(
        yes=receipt("target", mnli=(40.1, 34.0)), no=receipt("target", mnli=(39.9, 34.0))
    ) == {"yes": True, "no": False}


def test_chance_is_that_of_the_runs_that_know_it():
    found = learned(
        baseline=receipt("target", pos=(60.0, 10.0)),
        after=receipt("target", pos=(12.0, None)),
        unknown=receipt("target", ner=(12.0, None)),
        searched=receipt("target"),
    )
    assert found == {"baseline": True, "after": False}


def test_a_run_of_several_tasks_has_learned_where_it_learned_one():
    assert learned(both=receipt("intermediate", a=(10.0, 30.0), b=(90.0, 30.0))) == {"both": True}


def test_without_an_error_of_its_own_that_of_a_proportion_counts():
    one = receipt("target", mnli=(52.0, 34.0))
    one["dev"]["mnli"]["standard_error"] = None
    assert learned(run=one) == {"run": True}


def test_curves_are_the_dev_scores_by_step():
    table = provenance.curves(
        ["results/runs/target/a/receipt.json"], [receipt("target", [(5, 30.0), (10, 50.0)])]
    )
    assert table.to_numpy().tolist() == [["a", "target", 5, 30.0], ["a", "target", 10, 50.0]]
    assert provenance.curves(["x/y/receipt.json"], [{"recipe": {"stage": "data"}}]).empty


@pytest.mark.parametrize(
    "versions, said", [(({"torch": "2"},), "2"), (({"torch": "2"}, {"torch": "3"}), "2, 3")]
)
def test_versions_that_differ_stand_side_by_side(versions, said):
    assert provenance.versions({"versions": own} for own in versions) == {"torch": said}


@pytest.mark.parametrize("trained", [True, False])
def test_what_is_written_of_all_runs_is_what_is_read(tmp_path, trained):
    one = receipt("target", [(5, 30.0)], pos=(60.0, 10.0)) if trained else receipt("target")
    one |= {"wall_seconds": 3600.0, "cpu_seconds": 1.0, "versions": {"torch": "2"}}
    one["training"] |= {"tokens": 7200} if trained else {}
    runs = {"a": one, "b": {"recipe": {"stage": "data"}, "problems": ["Rows are left out."]}}
    paths = [f"results/runs/x/{name}/receipt.json" for name in runs]
    together = provenance.runs_together(paths, list(runs.values()))
    file = tmp_path / "runs.json"
    file.write_text(json.dumps(together, allow_nan=False))
    found = provenance.read_runs(file)
    expected = provenance.stages(runs.values()), provenance.curves(paths, runs.values())
    pd.testing.assert_frame_equal(found["stages"], expected[0])
    pd.testing.assert_frame_equal(found["curves"], expected[1], check_dtype=trained)
    assert found["stages"]["tokens_per_second"].notna().sum() == trained
    assert found["run_learning"].to_numpy().tolist() == ([["a", True]] if trained else [])
    assert (found["versions"], found["problems"]) == ({"torch": "2"}, ["Rows are left out."])
