"""PAWS-X: paraphrase or not, with the same words in both sentences.

The two sentences of a pair always differ in word order. In paraphrases that is all; in the others
two people, cities or things have changed roles, so that a bag of words cannot tell.
"""

from typing import NamedTuple

from generated_text import facts
from generated_text.grammar import Node, node, text
from generated_text.lexicon import concepts
from generated_text.sampling import Draw, distinct

Sentence = tuple[Node, str]


class Paraphrase(NamedTuple):
    """Two sentences and whether they mean the same (1) or not (0)."""

    first: Sentence
    second: Sentence
    label: int


def swapped(clause: Node, first: str, second: str) -> Node:
    """The clause with what fills two slots exchanged."""
    exchange = {first: clause.filler(second), second: clause.filler(first)}
    parts = tuple((slot, exchange.get(slot, filler)) for slot, filler in clause.parts)
    return clause._replace(parts=parts)


def _two_orders(draw: Draw, clause: Node, other: Node) -> tuple[Sentence, Sentence]:
    forms = draw.pick((("say", "front"), ("front", "say")))
    return (clause, forms[0]), (other, forms[1])


def transfers(draw: Draw, same: bool) -> tuple[Sentence, Sentence]:
    """A gives it to B, B to A; the day moves."""
    clause = facts.transfer(draw)
    return _two_orders(draw, clause, clause if same else swapped(clause, "agent", "recipient"))


def journeys(draw: Draw, same: bool) -> tuple[Sentence, Sentence]:
    """From here to there, from there to here; the year moves."""
    clause = facts.moved(draw, draw.full_name())
    return _two_orders(draw, clause, clause if same else swapped(clause, "origin", "city"))


def contrasts(draw: Draw, same: bool) -> tuple[Sentence, Sentence]:
    """A did it with apples and B with pears, or the other way round; the day moves."""
    first = draw.one("people")
    action, thing = draw.deed()
    clause = node(
        "clauses",
        "contrast",
        agent=first,
        other=draw.one("people", first),
        action=action,
        object=draw.amount(thing, None),
        object2=draw.amount(draw.one("things", thing), None),
        place=draw.one("places"),
        time=draw.time(),
    )
    slots = draw.pick((("agent", "other"), ("object", "object2")))
    return _two_orders(draw, clause, clause if same else swapped(clause, *slots))


def couples(draw: Draw, same: bool) -> tuple[Sentence, Sentence]:
    """A and B to C: B and A to C is the same, C and B to A is not."""
    clause = facts.transfer(draw)
    giver, taker = clause.filler("agent"), clause.filler("recipient")
    friend = draw.one("people", giver, taker)
    pair = node("phrases", "both", first=giver, second=friend)
    if same:
        turned = node("phrases", "both", first=friend, second=giver)
    else:
        turned = node("phrases", "both", first=taker, second=friend)
    before = _with(clause, agent=pair)
    after = _with(clause, agent=turned, recipient=taker if same else giver)
    form = draw.pick(("say", "front"))
    return (before, form), (after, form)


def _with(clause: Node, **changed: Node) -> Node:
    return clause._replace(parts=tuple((k, changed.get(k, v)) for k, v in clause.parts))


def paraphrases(*, seed: str, part: str, count: int) -> list[Paraphrase]:
    """`count` pairs with both labels about equally often."""

    def make(draw: Draw) -> tuple[object, Paraphrase]:
        same = draw.chance(0.5)
        first, second = draw.pick((transfers, journeys, contrasts, couples))(draw, same)
        return shared_key(first), Paraphrase(first, second, int(same))

    topics = concepts()["tasks"]["pawsx"]
    return distinct(make, seed=seed, part=part, topics=topics, count=count)


def shared_key(sentence: Sentence) -> tuple[str, ...]:
    """The concepts of a sentence in alphabetic order: a sentence and its swap share a part."""
    names: list[str] = []

    def walk(meaning: Node) -> None:
        names.append(meaning.name)
        for _, inner in meaning.parts:
            walk(inner)

    walk(sentence[0])
    return tuple(sorted(names))


def say_paraphrase(pair: Paraphrase, language: str) -> tuple[str, str]:
    """Both sentences in a language."""
    first, second = (text(clause, language, form) for clause, form in (pair.first, pair.second))
    return first, second
