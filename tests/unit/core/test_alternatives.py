"""Regular expressions of exactly the given words."""

import re
from itertools import product
from random import Random

import pytest

from xstilts.core.alternatives import one_of

WORDS = ["mnli--xnli-seed1-0a", "mnli--xnli-seed10-0b", "mnli", "mn", "qqp+mlm--xnli", "a.b", "(c"]


@pytest.mark.parametrize("number", range(1, len(WORDS) + 1))
def test_matches_each_word_and_nothing_beside(number):
    words, others = WORDS[:number], WORDS[number:]
    pattern = re.compile(one_of(words))
    assert all(pattern.fullmatch(word) for word in words)
    near = [word[:-1] for word in words] + [f"{word}x" for word in words] + ["aXb", ""]
    assert not [word for word in {*others, *near} - {*words} if pattern.fullmatch(word)]


def test_of_no_word_nothing_matches():
    assert not re.search(one_of([]), "word") and not re.search(one_of([]), "")


def test_it_says_what_plain_alternatives_say():
    every = ["".join(letters) for size in range(6) for letters in product("ab.-", repeat=size)]
    words, tried = Random(1).sample(every, 60), every
    plain, tree = re.compile("|".join(map(re.escape, words))), re.compile(one_of(words))
    assert {word for word in tried if tree.fullmatch(word)} == {
        word for word in tried if plain.fullmatch(word)
    }
