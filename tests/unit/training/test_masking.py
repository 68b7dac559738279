"""Which lines are drawn, and which of their tokens are hidden."""

import numpy as np
import pytest
from scipy import stats

from xstilts.training.masking import Masking, draw_lines, language_shares

SPECIAL = np.array([0, 2])
VOCABULARY = np.arange(10, 60)
MASK = 99


def masking(rate=0.15):
    return Masking(rate, MASK, SPECIAL, VOCABULARY)


def test_shares_of_xlm_by_hand():
    # n = 1 and 81 of 82 with exponent 1/2: 1 to 9.
    assert language_shares([1, 81], 0.5) == pytest.approx([0.1, 0.9])
    assert language_shares([1, 81], 1) == pytest.approx([1 / 82, 81 / 82])
    assert language_shares([1, 81, 7], 0) == pytest.approx([1 / 3] * 3)
    # Conneau & Lample's formula, term by term.
    lines, power = [300, 20, 5], 0.3
    p = [n / 325 for n in lines]
    assert language_shares(lines, power) == pytest.approx(
        [one**power / sum(other**power for other in p) for one in p]
    )


def test_languages_are_drawn_by_their_shares():
    languages = np.repeat([0, 1, 2], [500, 30, 4])
    shares = np.array([0.5, 0.3, 0.2])
    drawn = languages[draw_lines(languages, shares, 6000, [1, 3])]
    counts = np.bincount(drawn, minlength=3)
    assert stats.chisquare(counts, 6000 * shares).pvalue > 0.001


def test_all_lines_of_a_language_come_before_any_comes_again():
    languages = np.repeat([0, 1], [7, 50])
    drawn = draw_lines(languages, np.array([0.6, 0.4]), 100, [5])
    own = drawn[languages[drawn] == 0]
    for begin in range(0, len(own) - 6, 7):
        assert sorted(own[begin : begin + 7]) == list(range(7))
    assert not np.array_equal(own[:7], own[7:14])


def test_draws_repeat_with_their_seed():
    languages = np.repeat([0, 1], [9, 9])
    shares = np.array([0.5, 0.5])
    first, again, other = (draw_lines(languages, shares, 40, seed) for seed in ([1], [1], [2]))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_language_without_share_never_comes():
    drawn = draw_lines(np.array([0, 1, 1]), np.array([0.0, 1.0]), 20, [1])
    assert set(drawn) == {1, 2}


def sequence(random, length):
    return np.concatenate([[0], random.choice(VOCABULARY, length), [2]]).astype(np.int32)


@pytest.mark.parametrize(("length", "hidden"), [(100, 15), (10, 2), (3, 1), (1, 1)])
def test_so_many_are_hidden_and_no_special_one(length, hidden):
    tokens = sequence(np.random.default_rng(3), length)
    for seed in range(50):
        found = masking().hide(tokens, [seed])
        assert len(found.positions) == hidden
        assert len(set(found.positions)) == hidden
        assert np.array_equal(found.gold, tokens[found.positions])
        untouched = np.setdiff1d(np.arange(len(tokens)), found.positions)
        assert np.array_equal(found.tokens[untouched], tokens[untouched])
        assert {0, len(tokens) - 1} <= set(untouched)


def test_eighty_ten_ten():
    random = np.random.default_rng(7)
    masked = kept = other = 0
    for seed in range(400):
        tokens = sequence(random, 100)
        found = masking().hide(tokens, [seed, 1])
        read = found.tokens[found.positions]
        masked += int((read == MASK).sum())
        kept += int((read == found.gold).sum())
        other += int(((read != MASK) & (read != found.gold)).sum())
        assert set(read) <= {MASK, *VOCABULARY}
    total = masked + kept + other
    # One random token in fifty is the right one by chance.
    expected = total * np.array([0.8, 0.1 + 0.1 / 50, 0.1 - 0.1 / 50])
    assert stats.chisquare([masked, kept, other], expected).pvalue > 0.001


def test_hiding_repeats_with_its_seed_and_leaves_its_input():
    tokens = sequence(np.random.default_rng(1), 60)
    before = tokens.copy()
    first, again, other = (masking().hide(tokens, [seed]) for seed in (4, 4, 5))
    assert np.array_equal(first.tokens, again.tokens)
    assert not np.array_equal(first.tokens, other.tokens)
    assert np.array_equal(tokens, before)
