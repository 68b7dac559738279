"""Every combination of the two slopes has words of its own."""

from itertools import product

import numpy as np
import pytest

from xstilts.inference.answer import NOTHING, answer, is_robust, verdict


def effect(p: float | None, sign: int = 1, note: str = "") -> dict | None:
    if p is None:
        return None
    slope = 0.4 * sign
    return {
        "estimate": slope, "low": slope - 0.3, "high": slope + 0.3, "df": 9.0, "p": p, "n": 81,
        "note": note,
    }  # fmt: skip


SEEN, UNSEEN, NO_P = 0.01, 0.3, np.nan
SLOPES = [(p, sign) for p in (SEEN, UNSEEN) for sign in (1, -1)]


def told(one, other, differ=UNSEEN) -> str:
    first, second = (effect(*each) if each else None for each in (one, other))
    return verdict(first, second, effect(differ))


def test_no_two_kinds_of_outcome_share_a_sentence():
    cases = {
        (one, other, differ): told(one, other, differ)
        for one, other in product(SLOPES, SLOPES)
        for differ in (SEEN, UNSEEN)
    }
    kinds = {}
    for (one, other, differ), text in cases.items():
        opposite = one[1] != other[1]
        seen = (one[0] == SEEN, other[0] == SEEN)
        if differ == SEEN:
            kind = "differ"
        elif opposite and any(seen):
            kind = ("opposite", seen)
        elif any(seen):
            kind = (seen, one[1])
        else:
            kind = "nothing"
        kinds.setdefault(kind, set()).add(text)
    assert all(len(texts) == 1 for texts in kinds.values()), kinds
    sentences = [text for texts in kinds.values() for text in texts]
    assert len(set(sentences)) == len(sentences) == len(kinds) == 11


@pytest.mark.parametrize(
    ("one", "other", "differ", "robust"),
    [
        ((SEEN, 1), (SEEN, 1), UNSEEN, True),
        ((SEEN, 1), (UNSEEN, 1), UNSEEN, True),
        ((UNSEEN, 1), (SEEN, 1), UNSEEN, True),
        ((UNSEEN, 1), (UNSEEN, -1), UNSEEN, True),
        ((SEEN, 1), (UNSEEN, -1), UNSEEN, False),
        ((UNSEEN, -1), (SEEN, 1), UNSEEN, False),
        ((SEEN, 1), (SEEN, 1), SEEN, False),
        ((UNSEEN, 1), (UNSEEN, 1), SEEN, False),
        ((SEEN, 1), (SEEN, 1), None, True),
        ((SEEN, 1), (NO_P, 1), UNSEEN, None),
        ((NO_P, 1), (SEEN, 1), UNSEEN, None),
    ],
)
def test_robust(one, other, differ, robust):
    assert is_robust(effect(*one), effect(*other), effect(differ)) is robust
    assert ("not robust" in told(one, other, differ)) == (robust is False)


def test_a_p_that_could_not_be_had_is_never_silent():
    match = effect(NO_P, 1, "only 0 tasks have every pair")
    seen = answer(effect(SEEN), match, effect(UNSEEN), "text_embedding")
    assert "help more, not confirmed, because only 0 tasks have every pair." in seen
    unseen = answer(effect(UNSEEN), match, effect(UNSEEN), "text_embedding")
    assert "not shown" in unseen
    assert "could not be tested, because only 0 tasks have every pair." in unseen
    assert "could not be had" in answer(None, effect(SEEN), None, "text_embedding")
    assert answer(None, match, None, "text_embedding") == NOTHING
    assert answer(None, None, None, "") == NOTHING


def test_both_slopes_stand_in_the_sentence():
    text = answer(effect(SEEN), effect(SEEN, -1), effect(UNSEEN), "text_embedding")
    assert "0.40 standard deviations higher (95 % interval +0.10 to +0.70, p = 0.010)" in text
    assert "the match of two tasks alone with one 0.40 standard deviations lower" in text
