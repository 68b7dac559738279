"""`xstilts plan` of a study: its files, its money, its sentences."""

import csv
import shutil

import pytest
import yaml

from helpers.finished_study import finish, finish_run
from helpers.simulated_inference import simulate_similarity
from helpers.simulated_study import INTERMEDIATES, TARGETS, simulate
from xstilts.commands.plan_bill import StudyBill
from xstilts.commands.plan_choice import Wish
from xstilts.commands.planning import plan_study
from xstilts.core import StudyError
from xstilts.inference.analyses import design_power
from xstilts.plan.budgets.bill import Cell

SECONDS = {"intermediate": 20.0, "target": 10.0}
ROWS = [name for name in INTERMEDIATES if name not in ("none", "multitask")]


def cost(run):
    return SECONDS.get(run.stage, 3.0)


@pytest.fixture
def study(plan, monkeypatch):
    """Of two seeds, with finished runs of another seed that tell costs, and with similarity."""
    monkeypatch.setattr(design_power, "STUDIES", 4)
    finish(plan(seeds=[9]), cost)
    own = plan(seeds=[1, 2])
    own.tables.mkdir(parents=True, exist_ok=True)
    table = simulate_similarity(ROWS, TARGETS)
    table.to_parquet(own.tables / "similarity.parquet")
    return own


def whole(study):
    bill = StudyBill(study).bill
    return bill.of(cell for cell in bill.needs if cell.seed == 1)


def planned(study, purpose, share, **others):
    hours = share * whole(study)
    text = plan_study(study, Wish(purpose, hours, seconds=5, **others))
    with (study.tables / "plan.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return text, rows, hours, yaml.safe_load((study.tables / "plan.yaml").read_text())


@pytest.mark.parametrize("purpose", ["slope", "best", "coverage"])
def test_a_plan_at_half_of_the_cost_is_a_selection_within_its_budget(study, plan, purpose):
    text, rows, hours, found = planned(study, purpose, 0.5)
    spent = sum(float(row["cost_gpu_hours"]) for row in rows)
    bill = StudyBill(study).bill
    cells = [Cell(row["intermediate"], row["target"], int(row["seed"])) for row in rows]
    assert spent == pytest.approx(bill.of(cells), rel=1e-4)
    assert 0.8 * hours < spent <= hours * (1 + 1e-6)
    assert all(row["reason"] for row in rows)
    again = plan(seeds=[1, 2], selection=str(study.tables / "plan.yaml"))
    assert {tuple(cell) for cell in cells} == {
        (cell.intermediate, cell.target, cell.seed) for cell in again.cells
    }
    assert found["for"] == purpose and f"A plan for {purpose}" in text
    assert "optimal" in text


def test_the_slope_has_whole_rows_with_baselines_one_seed_and_quotas(study):
    _, rows, _, found = planned(study, "slope", 0.6, most_of_a_family=2)
    by_row = dict(found["cells"])
    targets = set(by_row.pop("none"))
    assert all(set(own) == targets for own in by_row.values()) and len(by_row) >= 5
    assert {row["seed"] for row in rows} == {"1"}
    kinds = [study.sheets[row]["kind"] for row in by_row]
    assert max(kinds.count(kind) for kind in kinds) <= 2
    assert "multitask" not in by_row
    assert found["exchanges"][0]["rows"] == len(by_row)
    assert 0 <= found["exchanges"][0]["power_0.3"] <= found["exchanges"][0]["power_0.5"] <= 100


def test_rows_go_before_seeds(study):
    _, rows, _, found = planned(study, "slope", 1.5)
    assert len(found["cells"]) == 1 + len(ROWS)
    assert {row["seed"] for row in rows} == {"1", "2"}


def test_finished_runs_are_free_and_what_they_found_counts(study):
    cells = [cell for cell in study.whole_grid if cell.intermediate in ("none", "mnli")]
    for cell in cells:
        finish_run(cell.parent, 20.0)
        finish_run(cell.run, 10.0)
    for seed in (1, 2):
        finish_run(study.embeddings.evidence("mnli", seed))
    gains = simulate()["gains"]
    gains[gains["intermediate"] == "mnli"].assign(seed=1).to_parquet(study.tables / "gains.parquet")
    text, rows, _, _ = planned(study, "best", 0.3)
    own = [row for row in rows if row["intermediate"] == "mnli"]
    assert own and all(row["reason"] == "is there" for row in own)
    assert "pairs of tasks have a gain already" in text


def test_quotas_are_held(study):
    _, rows, _, _ = planned(study, "coverage", 0.5, quotas={"bucc": 7, "mnli": 6})
    assert sum(row["target"] == "bucc" and row["intermediate"] != "none" for row in rows) >= 7
    assert sum(row["intermediate"] == "mnli" for row in rows) >= 6


@pytest.mark.parametrize("purpose", ["slope", "best", "coverage"])
def test_a_budget_that_buys_nothing_is_one_sentence_with_the_least_that_does(study, purpose):
    with pytest.raises(StudyError, match="too few for a plan for") as error:
        plan_study(study, Wish(purpose, 1e-4, seconds=5))
    assert "give more with --gpu-hours" in str(error.value)


def test_the_least_that_is_told_buys_a_plan(study):
    with pytest.raises(StudyError) as error:
        plan_study(study, Wish("slope", 1e-4, seconds=5))
    least = float(str(error.value).split(" costs ")[1].split(";")[0])
    assert "A plan for slope" in plan_study(study, Wish("slope", 1.02 * least, seconds=5))


def test_unknown_costs_unknown_similarity_and_unknown_groups_are_one_sentence(study, plan):
    (study.tables / "similarity.parquet").unlink()
    with pytest.raises(StudyError, match="is not known yet, and needs no training"):
        plan_study(study, Wish("slope", 1.0))
    with pytest.raises(StudyError, match=r"there is no group 'buc'; did you mean 'bucc'\?"):
        plan_study(study, Wish("coverage", 1.0, quotas={"buc": 1}))
    shutil.rmtree("results")
    with pytest.raises(StudyError, match=r"nobody knows what \d+ runs cost") as error:
        plan_study(study, Wish("best", 1.0))
    assert "costs.intermediate and costs.target" in str(error.value)
    told = plan(seeds=[1, 2], costs={"intermediate": 20, "target": 10, "retrieval": 5})
    told.tables.mkdir(parents=True)
    assert "not known and not counted" in plan_study(told, Wish("best", 0.2, seconds=5))
