import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.data.split_rows import units
from xstilts.data.split_sizes import apportion, is_held_out

IDS = [f"test-{row}" for row in range(1000)]


def test_held_out_share_is_about_the_fraction():
    assert 70 < sum(is_held_out(one, 0.1) for one in IDS) < 130
    assert {one for one in IDS if is_held_out(one, 0.1)} < {
        one for one in IDS if is_held_out(one, 0.3)
    }


def test_anli_plus_keeps_some_of_its_small_round():
    sizes = [550152, 392702, 16946, 45460, 100459]  # SNLI, MNLI, ANLI R1-R3
    shares = apportion(1000, sizes)
    assert sum(shares) == 1000
    assert shares[0] > shares[1] > shares[4] > shares[3] > shares[2] >= 50


@given(st.integers(0, 500), st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_shares_fill_the_limit_and_no_part_is_asked_for_more_than_it_has(limit, sizes):
    shares = apportion(limit, sizes)
    assert sum(shares) == min(limit, sum(sizes))
    assert all(0 <= share <= size for share, size in zip(shares, sizes, strict=True))


@pytest.mark.parametrize("equal", [2, 5])
def test_equal_parts_get_equal_shares(equal):
    assert apportion(10, [40] * equal) == [10 // equal] * equal


def test_languages_that_share_take_each_example_once():
    parts = [{"language": code, "dataset": "o/x", "config": code, "split": "train"}
             for code in ("de", "sw", "zh")]  # fmt: skip
    recipe = {"splits": {"train": parts, "dev": parts, "test": []}, "shared": True}
    planned = units(recipe)
    ids = [f"train-{number}" for number in range(900)]
    taken = [[one for one in ids if unit.takes(one)] for unit in planned["train"]]
    assert sorted(one for own in taken for one in own) == sorted(ids)
    assert all(250 < len(own) < 350 for own in taken)
    assert all(unit.takes(one) for unit in planned["dev"] for one in ids[:9])
    alone = units(recipe | {"shared": False})["train"]
    assert all(unit.takes(one) for unit in alone for one in ids[:9])
