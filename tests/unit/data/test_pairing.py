from functools import partial

import pytest

from helpers.toy_data import part
from xstilts.data.pairing import sentences
from xstilts.data.row_faults import Faults
from xstilts.data.sources import batches
from xstilts.data.split_rows import Unit

TATOEBA = {"source": "source_sentence", "target": "target_sentence"}
BUCC = {"id": "id", "sentence": "sentence", "source_id": "source_id", "target_id": "target_id"}
MINING = tuple(part(split, "zh", "zh-en") for split in ("source", "target", "gold"))


def made(hub, unit, mapping):
    faults = Faults("t")
    read = partial(batches, {"name": "folder", "root": hub.root})
    return list(sentences(unit, read, mapping, 1, faults)), faults


@pytest.fixture
def mining(hub):
    for side in ("source", "target"):
        ids = [f"{side[0]}-{i}" for i in range(200)]
        hub.add("o/n", "zh-en", side, {"id": ids, "sentence": [f"text {i}" for i in ids]})
    gold = {
        "source_id": [f"s-{i}" for i in range(40)],
        "target_id": [f"t-{i + 5}" for i in range(40)],
    }
    hub.add("o/n", "zh-en", "gold", gold)
    return hub


def by_side(found, side):
    return [one for one in found if one.side == side]


def test_aligned_pairs(hub):
    hub.add(
        "o/n",
        "c",
        "test",
        {"source_sentence": ["s0", "s1", None], "target_sentence": ["t0", "t1", "t2"]},
    )
    found, faults = made(hub, Unit("test", "af", (part("test", "af"),), None), TATOEBA)
    target = {one.example_id: one.text for one in by_side(found, "target")}
    assert [(one.text, target[one.gold]) for one in by_side(found, "source")] == [
        ("s0", "t0"), ("s1", "t1"),
    ]  # fmt: skip
    assert all(one.gold == "" for one in by_side(found, "target"))
    assert faults.counts == {"null in column 'source_sentence'": 1}


def test_mining_keeps_every_sentence_without_a_limit(mining):
    found, faults = made(mining, Unit("test", "zh", MINING, None), BUCC)
    assert len(found) == 400
    gold = {one.example_id: one.gold for one in found if one.gold}
    assert gold == {f"s-{i}": f"t-{i + 5}" for i in range(40)}
    assert not faults.counts


def test_limit_counts_gold_pairs_and_keeps_the_others_in_proportion(mining):
    found, _ = made(mining, Unit("test", "zh", MINING, 10), BUCC)
    source, target = by_side(found, "source"), by_side(found, "target")
    assert sum(bool(one.gold) for one in source) == 10
    assert len(source) == len(target) == 10 + 160 // 4
    assert {one.gold for one in source if one.gold} <= {one.example_id for one in target}
    targets_of_others = {f"t-{i + 5}" for i in range(40)} - {one.gold for one in source}
    assert not targets_of_others & {one.example_id for one in target}


def test_halves_share_no_sentence_and_cut_no_pair(mining):
    halves = [
        made(mining, Unit(split, "zh", MINING, None, 0.5, side), BUCC)[0]
        for split, side in (("dev", True), ("test", False))
    ]
    ids = [{(one.side, one.example_id) for one in half} for half in halves]
    assert not ids[0] & ids[1]
    assert len(ids[0] | ids[1]) == 400
    for half, own in zip(halves, ids, strict=True):
        assert all(("target", one.gold) in own for one in half if one.gold)
        assert 5 < sum(bool(one.gold) for one in half) < 35


def test_faulty_gold_pairs_are_named(mining):
    gold = {"source_id": ["s-1", "s-1", "s-999"], "target_id": ["t-1", "t-2", "t-3"]}
    mining.add("o/n", "zh-en", "gold", gold)
    found, faults = made(mining, Unit("test", "zh", MINING, None), BUCC)
    assert [one.gold for one in found if one.gold] == ["t-1"]
    assert faults.counts == {
        "gold pair without its sentences": 1, "sentence with a second translation": 1,
    }  # fmt: skip
