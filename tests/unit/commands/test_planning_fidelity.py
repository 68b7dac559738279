"""`xstilts plan --for best` with a fidelity: cheap rows first, full cells for what is left."""

import csv

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.finished_study import finish_run
from helpers.simulated_inference import simulate_similarity
from helpers.simulated_study import INTERMEDIATES, TARGETS
from xstilts.commands.plan_bill import StudyBill
from xstilts.commands.plan_choice import Wish
from xstilts.commands.planning import plan_study
from xstilts.core import StudyError
from xstilts.core.naming import row_and_fidelity
from xstilts.inference.analyses import design_power
from xstilts.plan.budgets.bill import Cell

ROWS = [name for name in INTERMEDIATES if name != "none"]
COSTS = {"encoder": 0, "data": 0, "activations": 0, "embeddings": 0, "evidence": 0,
         "retrieval": 10, "intermediate": 400, "target": 400}  # fmt: skip
SETTINGS = {"fidelity": {"share": 0.25}, "costs": COSTS, "multitask": {"enabled": True}}


def grids(seed, correlation=0.87):
    """True gains by pair of tasks, and cheap ones of such a correlation within targets."""
    random = np.random.default_rng(seed)
    full = {(row, target): random.normal(0, 2) for row in ROWS for target in TARGETS}
    noise = 2 * np.sqrt(1 / correlation**2 - 1)
    cheap = {pair: gain + random.normal(0, noise) for pair, gain in full.items()}
    return full, cheap


def write_gains(folder, gains, fidelity):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(*pair, "sw", 1, gain) for pair, gain in gains.items()]
    columns = ["intermediate", "target", "language", "seed", "gain"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "gains.parquet")
    (folder / "index.tsv").write_text(f"intermediate\tfidelity\nmnli\t{fidelity}\n")


def planned(study, hours):
    text = plan_study(study, Wish("best", hours, seconds=3))
    found = yaml.safe_load((study.tables / "plan.yaml").read_text())
    with (study.tables / "plan.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    cells = [Cell(row["intermediate"], row["target"], int(row["seed"])) for row in rows]
    return text, found, cells


def whole(study):
    bill = StudyBill(study).bill
    return bill.of(cell for cell in bill.needs if "~" not in cell.intermediate)


def pairs(cells, fidelity):
    """Pairs of tasks among cells of a fidelity, baselines aside."""
    parts = [(*row_and_fidelity(cell.intermediate), cell.target) for cell in cells]
    return {(row, target) for row, own, target in parts if own == fidelity and row != "none"}


def run(study, cells):
    """As if these cells had been run, at the cost that was planned."""
    hours = StudyBill(study).bill.seconds
    by_place = {cell.place: cell for cell in study.whole_grid}
    for cell in cells:
        for own in (by_place[cell].parent, by_place[cell].run):
            if not own.is_there():
                finish_run(own, hours[own.name] * 3600)


def test_a_cheap_cell_costs_its_share(plan):
    study = plan(**SETTINGS, limits__dev=None, limits__test=None)
    study_bill = StudyBill(study)
    seconds = {name: hours * 3600 for name, hours in study_bill.bill.seconds.items()}
    by_place = {cell.place: cell for cell in study.whole_grid}
    full, cheap = (by_place[row, "xnli", 1] for row in ("mnli", "mnli~cheap"))
    # What dev and test sets cost is not known here, so that the share says it all.
    assert seconds[cheap.parent.name] == pytest.approx(seconds[full.parent.name] / 4)
    assert seconds[cheap.run.name] == pytest.approx(seconds[full.run.name] / 4)


def test_cheap_rows_come_first_and_leave_half_of_the_budget(plan):
    study = plan(**SETTINGS)
    hours = 0.7 * whole(study)
    text, found, cells = planned(study, hours)
    assert all("~cheap" in cell.intermediate for cell in cells) and pairs(cells, "cheap")
    assert found["cost"] <= hours / 2 * (1 + 1e-6)
    assert found["left"] == pytest.approx(hours - found["cost"], rel=1e-3)
    assert f"(--gpu-hours {found['left']:.3g})" in text and "cheap cells are next" in text
    assert "kept a rank correlation of 0.87" in text
    again = plan(**SETTINGS, selection=str(study.tables / "plan.yaml"))
    assert again.fidelity == "cheap" and len(again.cells) == len(cells)


def test_full_cells_follow_for_the_better_half_and_find_more_than_chance(plan):
    losses, chance = [], []
    study = plan(**SETTINGS)
    _, first, cells = planned(study, 0.7 * whole(study))
    run(study, cells)
    for seed in range(3):
        full, cheap = grids(seed)
        seen = {pair: cheap[pair] for pair in pairs(cells, "cheap")}
        assert len(seen) > 0.5 * len(full)
        write_gains(study.tables, seen, "cheap")
        text, second, chosen = planned(study, first["left"])
        # The finished cheap cells stay in the plan, so that the page compares.
        assert pairs(chosen, "cheap") == set(seen)
        new = pairs(chosen, "")
        assert new and "the better half of each target's" in text
        assert second["cost"] <= first["left"] * (1 + 1e-6)
        losses.append(loss(full, new))
        chance.append(np.mean([loss(full, at_random(len(new), draw)) for draw in range(50)]))
    assert np.mean(losses) < 0.5 * np.mean(chance)


def loss(full, run_pairs):
    """Mean points lost over targets when each takes the best of its full runs, or none."""
    found = []
    for target in TARGETS:
        every = [gain for pair, gain in full.items() if pair[1] == target]
        own = [full[pair] for pair in run_pairs if pair[1] == target]
        found.append(max([0, *every]) - max([0, *own]))
    return np.mean(found)


def at_random(count, seed):
    every = [(row, target) for row in ROWS for target in TARGETS]
    random = np.random.default_rng(seed)
    return {every[place] for place in random.choice(len(every), count, replace=False)}


def test_a_budget_for_everything_runs_no_cheap_cell(plan):
    study = plan(**SETTINGS)
    text, _, cells = planned(study, 1.01 * whole(study))
    assert not pairs(cells, "cheap") and len(pairs(cells, "")) == len(ROWS) * len(TARGETS)
    assert "no cheap ones are run" in text


@pytest.mark.parametrize("purpose", ["slope", "coverage"])
def test_cheap_rows_can_be_planned_in_place_of_full_ones(plan, monkeypatch, purpose):
    monkeypatch.setattr(design_power, "STUDIES", 4)
    study = plan(**SETTINGS)
    study.tables.mkdir(parents=True, exist_ok=True)
    names = [name for name in ROWS if name != "multitask"]
    simulate_similarity(names, TARGETS).to_parquet(study.tables / "similarity.parquet")
    rows = {}
    for fidelity in ("", "cheap"):
        plan_study(study, Wish(purpose, 0.35 * whole(study), seconds=3, fidelity=fidelity))
        found = yaml.safe_load((study.tables / "plan.yaml").read_text())
        assert {row_and_fidelity(row)[1] for row in found["cells"]} == {fidelity}
        assert found["cost"] <= 0.35 * whole(study) * (1 + 1e-6)
        rows[fidelity] = sum(len(seeds) for own in found["cells"].values()
                             for seeds in own.values())  # fmt: skip
    # The money buys more cheap cells.
    assert rows["cheap"] > 1.5 * rows[""]
    again = plan(**SETTINGS, selection=str(study.tables / "plan.yaml"))
    assert again.fidelity == "cheap" and len(again.cells) == rows["cheap"]


def test_mistakes_about_a_fidelity(plan):
    with pytest.raises(StudyError, match="takes cheap rows first by itself"):
        plan_study(plan(**SETTINGS), Wish("best", 1.0, fidelity="cheap"))
    with pytest.raises(StudyError, match="the config has no cheap rows"):
        plan_study(plan(), Wish("slope", 1.0, fidelity="cheap"))
    with pytest.raises(StudyError, match="the config's fidelity is called 'cheap'"):
        plan_study(plan(**SETTINGS), Wish("slope", 1.0, fidelity="quarter"))


def test_the_plan_says_what_cheap_rows_told_in_the_study_itself(plan):
    study = plan(**SETTINGS)
    full, cheap = grids(1)
    run(study, [cell.place for cell in study.whole_grid if cell.fidelity])
    write_gains(study.tables / "fidelity", cheap, "cheap")
    write_gains(study.tables, {pair: full[pair] for pair in list(full)[:9]}, "full")
    (study.tables / "fidelity.tsv").write_text(
        "target\trows\tspearman\tbest\tcheap_best\tsame_best\tlost\tpopular\tlost_popular\n"
        "xnli\t9\t\tmnli\tqqp\t0\t1.25\tccg\t3.5\nall targets\t8\t\t\t\t0\t1.25\t\t3.5\n"
    )
    text, _, _ = planned(study, 0.3 * whole(study))
    assert "8 pairs of tasks were run cheaply and in full: too few rows to rank" in text
    assert "taking the best cheap row loses 1.2 points" in text
    assert "9 pairs of tasks have a gain already." in text and "90 pairs" in text
