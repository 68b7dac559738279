"""Whether a run learned: chance of an untrained head is told by the baseline's run alone."""

from xstilts.report.provenance import run_learning


def receipt(task, score, chance):
    dev = {"score": score, "chance": chance, "standard_error": 2.0, "n": 40}
    return {"dev": {task: dev}, "recipe": {"stage": "target"}}


def learned(*receipts):
    paths = [f"runs/target/{number}/receipt.json" for number in range(len(receipts))]
    found = run_learning(paths, receipts)
    return dict(zip(found["run"], found["learned"], strict=True))


def test_chance_is_that_of_the_run_from_the_untuned_encoder():
    found = learned(receipt("ner", 9, 6.5), receipt("ner", 11, None), receipt("ner", 9, None))
    assert found == {"0": False, "1": True, "2": False}


def test_a_run_whose_chance_nothing_tells_is_not_judged():
    assert learned(receipt("ner", 90, None), receipt("pos", 90, 5)) == {"1": True}


def test_of_several_tasks_one_is_enough():
    both = receipt("ner", 6, None)
    both["dev"] |= receipt("pos", 80, None)["dev"]
    found = learned(receipt("ner", 7, 6.5), receipt("pos", 80, 5), both)
    assert found["2"]
    assert learned({"dev": {}}, {}) == {}
