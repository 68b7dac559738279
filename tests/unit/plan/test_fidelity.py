"""The grid at a lower fidelity: names of rows, recipes, selections, costs."""

import pytest
import yaml

from xstilts.commands.explain import named_cell
from xstilts.commands.work import Prepared, work
from xstilts.core import StudyError

CHEAP = {"share": 0.25, "steps": 40}


def by_place(study):
    return {cell.place: cell for cell in study.whole_grid}


def test_the_cheap_grid_has_rows_of_their_own_names_beside_the_full_one(plan):
    full, both = plan(), plan(fidelity=CHEAP)
    assert [cell.run.name for cell in both.cells] == [cell.run.name for cell in full.cells]
    assert len(both.cheap_cells) == len(both.cells) and len(both.whole_grid) == 2 * len(full.cells)
    assert both.rows == full.rows
    assert both.run_rows == [*full.rows, *(f"{row}~cheap" for row in full.rows)]
    assert by_place(both)["mnli~cheap", "xnli", 1].run.label == "mnli~cheap--xnli-seed1"
    assert plan(fidelity=CHEAP | {"name": "quarter"}).run_rows[-1] == "multitask~quarter"
    assert not (both.fidelity or full.fidelity)
    assert any("fidelity.tsv" in problem for problem in both.problems)


def test_a_cheap_recipe_says_share_and_steps_and_reads_the_same_data(plan):
    cells = by_place(plan(fidelity=CHEAP, data_seed=7))
    full, cheap = (cells[row, "xnli", 1] for row in ("mnli", "mnli~cheap"))
    for before, after in ((full.run, cheap.run), (full.parent, cheap.parent)):
        recipe = dict(after.recipe)
        assert recipe["tasks"] == [
            task | {"share": {"of": 0.25, "seed": 7}} for task in before.recipe["tasks"]
        ]
        assert recipe["training"] == before.recipe["training"] | {"steps": 40}
        same = recipe | {key: before.recipe[key] for key in ("tasks", "training", "parent")}
        assert same == before.recipe
        assert after.parents["inputs"] == before.parents["inputs"]
    assert cheap.run.recipe["parent"] == cheap.parent.digest
    baseline = cells["none~cheap", "xnli", 1]
    assert baseline.run.recipe["tasks"][0]["share"]["of"] == 0.25
    assert baseline.parent == cells["none", "xnli", 1].parent


def test_frozen_layers_of_a_fidelity_have_activations_of_their_own(plan):
    study = plan(fidelity={"frozen_layers": 5})
    cells = by_place(study)
    cheap = cells["mnli~cheap", "xnli", 1]
    for run in (cheap.run, cheap.parent):
        assert run.recipe["frozen_layers"] == 5
        for roles in run.parents["inputs"].values():
            assert roles["activations"].recipe["frozen_layers"] == 5
    assert cells["mnli", "xnli", 1].run.recipe["frozen_layers"] == 3
    assert study.embeddings.evidence("mnli", 1).recipe["frozen_layers"] == 3


def test_a_baseline_that_trains_nothing_is_one_run_at_every_share(plan):
    cells = by_place(plan(fidelity=CHEAP))
    full, cheap = (cells[row, "tatoeba", 1].run for row in ("none", "none~cheap"))
    assert full.digest == cheap.digest


def test_planned_full_cells_leave_a_cheap_study(plan):
    study = plan(fidelity=CHEAP | {"full_cells": "planned"})
    assert study.fidelity == "cheap" and not study.cheap_cells
    assert {cell.row.rpartition("~")[2] for cell in study.cells} == {"cheap"}
    # Tables and inference know the rows by their tasks.
    assert study.rows == plan().rows
    evidence = study.embeddings.evidence("mnli", 1)
    assert evidence.parents["intermediate"].label == "mnli~cheap-seed1"
    assert any("all tables and the page are of these cheap runs" in one for one in study.problems)


def test_a_selection_names_cells_of_a_fidelity(plan, tmp_path):
    path = tmp_path / "plan.yaml"

    def select(cells):
        path.write_text(yaml.safe_dump({"study": "tiny", "cells": cells}))
        return plan(fidelity=CHEAP, selection=str(path))

    cheap = {f"{row}~cheap": {"xnli": [1], "pos": [1]} for row in ("none", "mnli", "ccg")}
    only_cheap = select(cheap)
    assert only_cheap.fidelity == "cheap" and len(only_cheap.cells) == 6
    both = select({**cheap, "none": {"xnli": [1]}, "mnli": {"xnli": [1]}})
    assert [cell.row for cell in both.cells] == ["none", "mnli"] and len(both.cheap_cells) == 6
    assert {run.label for run in both.runs["intermediate"].values()} == {
        "mnli-seed1", "mnli~cheap-seed1", "ccg~cheap-seed1",
    }  # fmt: skip
    with pytest.raises(StudyError, match=r"xnli with seed 1 has no baseline \('none~cheap'\)"):
        select({"none": {"xnli": [1]}, "mnli~cheap": {"xnli": [1]}})


@pytest.mark.parametrize(
    ("fidelity", "said"),
    [
        ({}, "at least one of share, frozen_layers and steps"),
        ({"name": "quarter"}, "at least one of share, frozen_layers and steps"),
        ({"share": 1}, "fidelity.share"),
        ({"share": 0}, "fidelity.share"),
        ({"steps": 0}, "fidelity.steps"),
        ({"frozen_layers": 3}, "the full grid freezes 3 layers already"),
        ({"frozen_layers": 6}, "'fidelity.frozen_layers': 6 of 6 layers"),
        ({"share": 0.5, "name": "a b"}, "fidelity.name"),
        ({"part": 0.5}, "fidelity"),
    ],
)
def test_mistakes(plan, fidelity, said):
    with pytest.raises(StudyError) as told:
        plan(fidelity=fidelity)
    assert said in str(told.value) and "\n" not in str(told.value)


def test_a_search_layer_that_the_fidelity_freezes_is_refused(plan):
    with pytest.raises(StudyError, match=r"choose one above fidelity\.frozen_layers \(5\)"):
        plan(fidelity={"frozen_layers": 5}, retrieval__layer=4)


def test_work_of_a_cheap_run_follows_share_and_steps(plan):
    def works(**fidelity):
        cells = by_place(plan(fidelity=fidelity, limits__dev=None, limits__train=4000))
        runs = [cells[row, "xnli", 1].parent for row in ("mnli", "mnli~cheap")]
        data = {
            found.digest: Prepared(found.recipe | {"limits": {"train": 4000, "dev": 0, "test": 0}})
            for roles in runs[0].parents["inputs"].values()
            for found in [roles["data"]]
        }
        return [work(run.recipe, data) for run in runs]

    full, quarter = works(share=0.25)
    assert quarter == pytest.approx(full / 4)
    assert works(share=0.999, steps=1)[1] < quarter


def test_cells_are_explained_by_either_name(plan):
    both = plan(fidelity=CHEAP)
    assert named_cell(both, "mnli/xnli").row == "mnli"
    assert named_cell(both, "mnli~cheap/xnli/1").row == "mnli~cheap"
    assert both.tables_of(named_cell(both, "mnli/xnli")) == both.tables
    assert both.tables_of(named_cell(both, "mnli~cheap/xnli")) == both.tables / "fidelity"
    cheap = plan(fidelity=CHEAP | {"full_cells": "planned"})
    assert named_cell(cheap, "mnli/xnli") is named_cell(cheap, "mnli~cheap/xnli")
    assert cheap.tables_of(named_cell(cheap, "mnli/xnli")) == cheap.tables
