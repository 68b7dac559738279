"""The demo's grammar gives enough different examples, fast, and says so where it cannot."""

import time

import pytest

from generated_text import generate
from generated_text.errors import GrammarError
from generated_text.generate import served
from generated_text.sampling import Draw, distinct

ALL = sorted(served())
# The three rounds of ANLI come from one grammar.
TRAINED = [k for k in ALL if served()[k].part == "train" and k[2] not in ("train_r2", "train_r3")]


@pytest.mark.parametrize("key", TRAINED, ids="/".join)
def test_three_thousand_training_rows_are_possible(key):
    assert generate(*key, seed=3, sizes={"train": 3000}).num_rows == 3000


@pytest.mark.parametrize("key", [k for k in ALL if k[1] in ("mnli", "XQuAD.zh", "udpos.Turkish")])
def test_five_hundred_rows_are_quick(key):
    generate(*key, seed=1, sizes={"train": 1, "dev": 1, "test": 1})
    # The machine may be busy, so the best of three counts.
    assert any(seconds_of_five_hundred(key, seed) < 0.6 for seed in range(3))


def seconds_of_five_hundred(key, seed):
    start = time.process_time()
    generate(*key, seed=seed, sizes={"train": 500, "dev": 500, "test": 500})
    return time.process_time() - start


def test_an_exhausted_grammar_says_how_many_examples_it_has():
    def make(draw: Draw) -> tuple[object, str]:
        name = draw.name("people")
        return name, name

    drawn = {"seed": "people", "part": "dev", "topics": ()}
    with pytest.raises(GrammarError, match=r"at most \d+ different examples") as caught:
        distinct(make, **drawn, count=500)
    maximum = int(str(caught.value).split("at most ")[1].split()[0])
    assert len(set(distinct(make, **drawn, count=maximum))) == maximum > 1
