"""What runs will cost, held against costs that follow a known law."""

import math

import pytest

from helpers.finished_study import finish
from xstilts.commands.costs import UNKNOWN, Costs, depth_of
from xstilts.commands.history import History
from xstilts.commands.work import Prepared, work


def costs(study) -> Costs:
    return Costs(study, History())


def test_the_same_run_costs_what_it_did(plan):
    finish(plan(), lambda run: 40.0)
    study = plan(tasks__qqp__training__learning_rate=3e-5)
    cost = costs(study).of(study.intermediate("qqp", 1))
    assert cost.seconds == 40
    assert cost.low < 40 < cost.high
    assert cost.basis == "1 receipt of this task"


@pytest.mark.parametrize(
    "edits",
    [
        {"tasks__qqp__training__epochs": 12},
        {"tasks__qqp__limits__train": 400},
        {"tasks__qqp__limits": {"train": 50, "dev": 5}},
    ],
)
def test_seconds_grow_with_what_is_read(plan, edits):
    # 2 seconds to start, then each example takes 1 ms forward and 2 ms backward.
    def seconds(run):
        if run.stage != "intermediate":
            return 2.0
        training, task = run.recipe["training"], run.recipe["tasks"][0]["task"]
        limits = run.parents["inputs"][task]["data"].recipe["limits"]
        read = 3 * limits["train"] * training["epochs"] + limits["dev"] * training["evaluations"]
        return 2.5 + 0.01 * read

    # One run that only starts, as a whole study has among its tasks.
    before = plan(tasks__ccg__training__epochs=0.001, tasks__ccg__limits__dev=1)
    finish(before, seconds)
    study = plan(**edits)
    run = study.intermediate("qqp", 1)
    cost = costs(study).of(run)
    assert cost.low < seconds(run) < cost.high
    assert cost.seconds == pytest.approx(seconds(run), rel=0.1)


def test_work_counts_forward_passes(plan):
    study = plan(limits={"train": 100, "dev": 20, "test": 10}, tasks__xnli__training__epochs=2,
                 training__evaluations=3)  # fmt: skip
    run = study.target("qqp", ["xnli"], 1)
    prepared = [roles["data"] for roles in run.parents["inputs"].values()]
    data = {found.digest: Prepared(found.recipe) for found in prepared}
    # Backward takes twice a forward pass; de, en, sw and zh have test data.
    assert work(run.recipe, data) == 3 * 100 * 2 + 20 * 3 + 10 * 4
    assert work(study.data("qqp").recipe, {}) == 120
    assert work(study.data("xnli").recipe, {}) == 40


def test_sizes_without_a_cap_are_left_alone(plan):
    finish(plan(limits=...), lambda run: 30.0)
    study = plan(limits=..., tasks__qqp__training__epochs=9)
    assert costs(study).of(study.intermediate("qqp", 1)).seconds == 30


def test_other_tasks_tell_less_surely(plan):
    finish(plan(intermediate_tasks=["mnli", "ccg"], multitask__enabled=False), lambda run: 40.0)
    study = plan()
    own, other = (costs(study).of(study.intermediate(task, 1)) for task in ("mnli", "qqp"))
    assert other.basis == "2 receipts of other tasks"
    assert other.high / other.low > own.high / own.low


def test_the_table_tells_where_no_receipt_does(plan):
    study = plan(costs={"intermediate": 100, "tasks": {"mnli": 900, "xnli": 50}, "retrieval": 7})
    told = costs(study)
    assert told.of(study.intermediate("qqp", 1)).seconds == 100
    assert told.of(study.intermediate("mnli", 1)).seconds == 900
    assert told.of(study.target("mnli", ["xnli"], 1)).seconds == 50
    assert told.of(study.target("mnli", ["bucc"], 1)).seconds == 7
    assert told.of(study.target("mnli", ["bucc"], 1)).basis == "the config's table"
    assert told.of(study.target("mnli", ["pos"], 1)) is UNKNOWN
    assert told.of(study.data("mnli")) is UNKNOWN


def test_a_receipt_of_the_task_goes_before_the_table(plan):
    finish(plan(), lambda run: 40.0)
    study = plan(tasks__qqp__training__dropout=0.3, costs__intermediate=1000)
    assert costs(study).of(study.intermediate("qqp", 1)).seconds == 40


def test_processor_seconds_say_nothing_of_a_gpu(plan):
    finish(plan(), lambda run: 40.0)
    study = plan(accelerator="gpu", precision="bfloat16")
    assert costs(study).of(study.intermediate("qqp", 1)) is UNKNOWN
    assert costs(study).of(study.data("qqp")).seconds == 40


def test_spread_of_receipts_is_in_the_interval(plan):
    base = {"seeds": [1, 2, 3]}
    finish(plan(**base), lambda run: 20.0 + 10 * int(run.label[-1]) if "-seed" in run.label else 5)
    study = plan(seeds=[4])
    cost = costs(study).of(study.intermediate("qqp", 4))
    assert cost.seconds == 40
    assert cost.low < 30
    assert cost.high > 50
    assert cost.basis == "3 receipts of this task"


def trained(run) -> bool:
    return run.stage in ("intermediate", "target") and not run.is_search


FROZEN = {"fidelity": {"frozen_layers": 5}}


def cheap_mnli(study):
    places = {cell.place: cell for cell in study.whole_grid}
    return places["mnli~cheap", "xnli", 1]


def test_frozen_layers_save_what_they_do_not_compute(plan):
    # A second to start, and one for each of the layers that are trained.
    def seconds(run):
        return 1.0 + 6 - run.recipe["frozen_layers"] if trained(run) else 1.0

    finish(plan(), seconds)
    study = plan(**FROZEN)
    for run in (cheap_mnli(study).run, cheap_mnli(study).parent):
        cost = costs(study).of(run)
        assert seconds(run) == 2 and cost.low < 2 < cost.high
        assert cost.basis.endswith("of this task with other layers frozen")


def test_the_table_is_of_the_layers_that_the_full_grid_trains(plan):
    study = plan(**FROZEN, costs={"intermediate": 90, "target": 30})
    told = costs(study)
    assert told.of(study.intermediate("mnli", 1)).seconds == 90
    assert told.of(cheap_mnli(study).parent).seconds == 30
    assert told.of(cheap_mnli(study).run).seconds == 10


def test_an_encoder_of_unknown_depth_tells_nothing_of_other_frozen_layers(plan, monkeypatch):
    monkeypatch.setattr("xstilts.commands.costs.depth_of", lambda study: math.inf)
    finish(plan(), lambda run: 40.0)
    study = plan(**FROZEN)
    assert costs(study).of(study.intermediate("mnli", 1)).seconds == 40
    assert costs(study).of(cheap_mnli(study).parent) is UNKNOWN
    study = plan(**FROZEN, costs={"intermediate": 90})
    assert costs(study).of(cheap_mnli(study).parent).seconds == 90


def test_a_depth_that_only_the_fetched_files_tell(plan, monkeypatch):
    monkeypatch.setattr("xstilts.encoders.sources.demo.Demo.depth", lambda *_: math.inf)
    study = plan()
    assert depth_of(study) == math.inf
    study.encoder.folder.mkdir(parents=True)
    (study.encoder.folder / "config.json").write_text('{"num_hidden_layers": 24}')
    assert depth_of(study) == 24


def test_a_share_of_data_without_a_cap_costs_its_share_of_what_the_data_turned_out_to_hold(plan):
    before = plan(limits=...)
    rows = {"train": {"en": 990}, "dev": {"en": 30}, "test": {}}
    # That of CCG only starts.
    finish(before, lambda run: 100.0 if run.label.startswith("mnli") else 1.0, rows)
    study = plan(limits=..., fidelity={"share": 0.1})
    training = cheap_mnli(study).parent.recipe["training"]
    read, judged = 3 * 990 * training["epochs"], 30 * training["evaluations"]
    expected = 100 * (0.1 * read + judged) / (read + judged)
    assert costs(study).of(cheap_mnli(study).parent).seconds == pytest.approx(expected, abs=1)
