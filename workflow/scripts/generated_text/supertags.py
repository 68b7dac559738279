"""CCG supertagging: sentences drawn from a small categorial grammar of English."""

import re

from generated_text.lexicon import english
from generated_text.sampling import Draw, distinct

SYMBOL = re.compile(r"[A-Z]+")
LIST = re.compile(r"([a-z_]+)\.(.+)")
Tagged = tuple[tuple[str, str], ...]


def _expand(draw: Draw, symbol: str) -> list[tuple[str, str]]:
    grammar = english("supertags")
    result: list[tuple[str, str]] = []
    for piece in draw.pick(grammar["rules"][symbol]).split():
        listed = LIST.fullmatch(piece)
        if SYMBOL.fullmatch(piece):
            result += _expand(draw, piece)
        elif listed:
            words = draw.usable(f"supertags/{listed[1]}", grammar["words"][listed[1]])
            result.append((draw.pick(words), listed[2]))
        else:
            word, _, category = piece.partition("|")
            result.append((word, category))
    return result


def _sentence(draw: Draw) -> tuple[object, Tagged]:
    (first, category), *rest = _expand(draw, "S")
    sentence = ((first[:1].upper() + first[1:], category), *rest)
    return sentence, sentence


def supertagged(*, seed: str, part: str, count: int) -> list[Tagged]:
    """`count` sentences as (word, category) pairs."""
    return distinct(_sentence, seed=seed, part=part, topics=(), count=count)
