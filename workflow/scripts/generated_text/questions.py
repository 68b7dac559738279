"""QQP: questions with the same meaning in other words, and others that share most words."""

from typing import NamedTuple

from generated_text.lexicon import english
from generated_text.sampling import Draw, distinct


class QuestionPair(NamedTuple):
    """Two questions and whether they are duplicates (1) or not (0)."""

    first: str
    second: str
    label: int


def _say(phrasing: str, word: str, modifier: str) -> str:
    return phrasing.format(x=word, m=modifier).replace(" ?", "?")


def _pair(draw: Draw) -> tuple[object, QuestionPair]:
    """Duplicates change the phrasing only; the others also word, modifier or intent."""
    bank = english("questions")
    group = draw.pick(sorted(bank["groups"]))
    words = draw.usable(f"question words/{group}", bank["groups"][group]["words"])
    intents = bank["groups"][group]["intents"]
    names = draw.usable(f"question intents/{group}", sorted(intents))
    intent, word, modifier = draw.pick(names), draw.pick(words), draw.pick(bank["modifiers"])
    first_phrase, second_phrase = draw.random.sample(range(len(intents[intent])), 2)
    first = _say(intents[intent][first_phrase], word, modifier)
    key = (intent, word, modifier)
    if draw.chance(0.5):
        return key, QuestionPair(first, _say(intents[intent][second_phrase], word, modifier), 1)
    change = draw.pick(("word", "modifier", "intent"))
    if change == "word":
        word = draw.pick([other for other in words if other != word])
    elif change == "modifier":
        modifier = draw.pick([other for other in bank["modifiers"] if other != modifier])
    else:
        intent = draw.pick([other for other in names if other != intent])
    return key, QuestionPair(first, _say(intents[intent][second_phrase], word, modifier), 0)


def question_pairs(*, seed: str, part: str, count: int) -> list[QuestionPair]:
    """`count` pairs, duplicates and others about equally often."""
    return distinct(_pair, seed=seed, part=part, topics=(), count=count)
