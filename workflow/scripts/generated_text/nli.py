"""Entailment pairs: MNLI, SNLI, ANLI and XNLI.

Each phenomenon first draws what the hypothesis looks like (its polarity, its adjuncts), then builds
the premise that gives the wanted label. So the hypothesis alone tells nothing, and a word such as
"not" stands in hypotheses of all three labels alike.
"""

from collections.abc import Callable
from typing import NamedTuple

from generated_text import facts
from generated_text.grammar import Node, node, text
from generated_text.lexicon import concepts
from generated_text.sampling import Draw, distinct, hypernyms

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2
Sentence = tuple[Node, str]


class Pair(NamedTuple):
    """Premise and hypothesis, each a clause and the form to say it in, and the label."""

    premise: Sentence
    hypothesis: Sentence
    label: int


def _order(draw: Draw, clause: Node) -> Sentence:
    return clause, draw.pick(("say", "front")) if clause.part("time") else "say"


def adjuncts(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """Place and time: kept or dropped (entailment), added (neutral), changed (contradiction)."""
    agent, (action, thing) = draw.someone(), draw.deed()
    number = draw.one("numbers") if draw.chance(0.5) else None
    shown = draw.pick(("place", "time"))
    places, times = draw.one("places"), draw.time()
    said: dict[str, Node | None] = {"place": places, "time": times}
    kept = {slot: filler if slot == shown else None for slot, filler in said.items()}
    if label == NEUTRAL:
        said[shown] = None
    if label == CONTRADICTION:
        said[shown] = draw.one("places", places) if shown == "place" else draw.time(times)
    same = {"action": action, "thing": thing, "number": number}
    premise = facts.event(draw, agent, **same, **said)
    return _order(draw, premise), (facts.event(draw, agent, **same, **kept), "say")


def numbers(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """The number is kept, added or changed."""
    agent, (action, thing) = draw.someone(), draw.deed()
    number, place = draw.one("numbers"), draw.one("places")
    said = {ENTAILMENT: number, NEUTRAL: None, CONTRADICTION: draw.one("numbers", number)}[label]
    same = {"action": action, "thing": thing, "place": place}
    premise = facts.event(draw, agent, **same, number=said, time=draw.time())
    hypothesis = facts.event(draw, agent, **same, number=number, time=None)
    return _order(draw, premise), (hypothesis, "say")


# (hypothesis denies?, hypothesis names the kind?) -> label -> (premise denies?, names the kind?).
# Denial turns the direction of entailment between a kind and its members around.
HYPERNYMY = {
    (False, True): {0: (False, False), 1: (True, False), 2: (True, True)},
    (False, False): {0: (False, False), 1: (False, True), 2: (True, True)},
    (True, True): {0: (True, True), 1: (True, False), 2: (False, False)},
    (True, False): {0: (True, True), 1: (False, True), 2: (False, False)},
}


def hypernyms_and_denial(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """Fruit and apples, affirmed or denied."""
    members = [thing for thing in draw.pool("things") if thing in hypernyms()]
    action, thing = draw.deed(things=members)
    agent, place = draw.someone(), draw.one("places")
    kind = Node("kinds", hypernyms()[thing.name])
    denies, general = draw.pick((False, True)), draw.pick((False, True))
    premise_denies, premise_general = HYPERNYMY[denies, general][label]

    def clause(wide: bool, where: Node | None, when: Node | None) -> Node:
        same = {"action": action, "thing": kind if wide else thing, "number": None}
        return facts.event(draw, agent, **same, place=where, time=when)

    # An assertion follows from a fuller one, a denial from a barer one.
    details = (None, None) if premise_denies else (place, draw.time())
    premise = clause(premise_general, *details), "deny" if premise_denies else "say"
    return premise, (clause(general, place, None), "deny" if denies else "say")


def contrast(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """One did it, the other did not: who is the hypothesis about?"""
    agent = draw.someone()
    other = draw.someone(agent)
    third = draw.someone(agent, other)
    action, thing = draw.deed()
    bare = draw.amount(thing, None)
    premise = node(
        "clauses",
        "contrast",
        agent=agent,
        action=action,
        object=bare,
        place=draw.one("places"),
        other=other,
    )
    denies = draw.pick((False, True))
    about = {NEUTRAL: third, ENTAILMENT: other if denies else agent}.get(
        label, agent if denies else other
    )
    said = facts.event(draw, about, action=action, thing=thing, number=None, place=None, time=None)
    return (premise, "deny"), (said, "deny" if denies else "say")


def _opposite(comparison: Node) -> Node:
    pair = next(p for p in concepts()["comparisons"].values() if comparison.name in p)
    return Node("comparisons", pair[1 - pair.index(comparison.name)])


def _compare(first: Node, comparison: Node, second: Node) -> Node:
    return node("clauses", "compare", first=first, comparison=comparison, second=second)


def comparison(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """Older and younger, the order of the two turned or not, affirmed or denied."""
    first = draw.one("people")
    second = draw.one("people", first)
    word = draw.one("comparisons")
    opposite = _opposite(word)
    denies = draw.pick((False, True))
    hypothesis = _compare(first, word, second), "deny" if denies else "say"
    holds = (label == ENTAILMENT) != denies
    if label == NEUTRAL:
        word = draw.one("comparisons", word, opposite)
        opposite, holds = _opposite(word), draw.chance(0.5)
    # A premise in the same order would equal some affirmed hypotheses.
    if denies and draw.chance(0.5):
        premise = _compare(first, word if holds else opposite, second)
    else:
        premise = _compare(second, opposite if holds else word, first)
    return (premise, "say"), hypothesis


def chains(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """A is older than B and B than C: so is A older than C?"""
    first = draw.one("people")
    second = draw.one("people", first)
    third = draw.one("people", first, second)
    word = draw.one("comparisons")
    premise = node("clauses", "chain", first=first, comparison=word, second=second, third=third)
    asked = draw.one("comparisons", word, _opposite(word)) if label == NEUTRAL else word
    if draw.chance(0.5):
        asked = _opposite(asked)
    upward = (asked.name == word.name) == (label == ENTAILMENT)
    if label == NEUTRAL:
        upward = draw.chance(0.5)
    pair = (first, third) if upward else (third, first)
    return (premise, "say"), (_compare(pair[0], asked, pair[1]), "say")


# Said of a group in the hypothesis -> label -> what the premise may say; "other": of other people.
QUANTIFIERS: dict[str, dict[int, tuple[str, ...]]] = {
    "every": {ENTAILMENT: ("every",), NEUTRAL: ("several",), CONTRADICTION: ("nobody",)},
    "several": {ENTAILMENT: ("every", "several"), NEUTRAL: ("other",), CONTRADICTION: ("nobody",)},
    "nobody": {ENTAILMENT: ("nobody",), NEUTRAL: ("other",), CONTRADICTION: ("every", "several")},
}


def quantifiers(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """All, some and no doctors."""
    group, (action, thing) = draw.one("roles"), draw.deed()
    place, time = draw.one("places"), draw.time()
    bare = draw.amount(thing, None)

    def clause(quantifier: str, people: Node, **adjuncts: Node | None) -> Node:
        if quantifier == "nobody":
            return node("clauses", "nobody", group=people, action=action, object=bare, **adjuncts)
        agent = node("phrases", quantifier, group=people)
        parts = {"place": None, "time": None, **adjuncts}
        return facts.event(draw, agent, action=action, thing=thing, number=None, **parts)

    asked = draw.pick(tuple(QUANTIFIERS))
    said, people = draw.pick(QUANTIFIERS[asked][label]), group
    if said == "other":
        said, people = draw.pick(tuple(QUANTIFIERS)), draw.one("roles", group)
    # An assertion follows from a fuller one, a denial from a barer one.
    more = {} if said == "nobody" else {"place": place, "time": time}
    premise = clause(said, people, **more)
    return (premise, "say"), (clause(asked, group, place=place), "say")


def transfers(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """A gave it to B, so B received it from A."""
    given = facts.transfer(draw)
    thing, denies = given.filler("thing"), draw.pick((False, True))
    received = draw.one("things", thing) if label == NEUTRAL else thing
    hypothesis = node(
        "clauses",
        "receive",
        recipient=given.part("recipient"),
        thing=received,
        agent=given.part("agent"),
        time=given.part("time"),
    )
    premise_denies = draw.chance(0.5) if label == NEUTRAL else denies == (label == ENTAILMENT)
    premise = (given, "deny") if premise_denies else _order(draw, given)
    return premise, (hypothesis, "deny" if denies else "say")


def biographies(draw: Draw, label: int) -> tuple[Sentence, Sentence]:
    """Born here, born elsewhere, or somebody else of the same surname was born here."""
    person = draw.full_name()
    birth = facts.born(draw, person)
    city, said_person = birth.filler("city"), person
    if label == NEUTRAL:
        given = draw.one("people", person.filler("given"))
        said_person = node("phrases", "full", given=given, surname=person.part("surname"))
    if label == CONTRADICTION:
        city = draw.one("cities", city)
    said = node("clauses", "born", person=said_person, city=city, year=birth.part("year"))
    forms = draw.pick((("say", "front"), ("front", "say")))
    return (birth, forms[0]), (said, forms[1])


Phenomenon = Callable[[Draw, int], tuple[Sentence, Sentence]]
HARD: tuple[Phenomenon, ...] = (contrast, hypernyms_and_denial, chains, quantifiers)
ALL: tuple[Phenomenon, ...] = (
    adjuncts,
    adjuncts,
    numbers,
    hypernyms_and_denial,
    contrast,
    comparison,
    quantifiers,
    transfers,
    biographies,
)
PHENOMENA = {"mnli": ALL, "xnli": ALL, "snli": (adjuncts, numbers, transfers), "anli": HARD}


def pairs(task: str, *, seed: str, part: str, count: int) -> list[Pair]:
    """`count` pairs of a task, all labels about equally often; the premise decides the part."""

    def make(draw: Draw) -> tuple[object, Pair]:
        label, phenomenon = draw.random.randrange(3), draw.pick(PHENOMENA[task])
        premise, hypothesis = phenomenon(draw, label)
        return premise, Pair(premise, hypothesis, label)

    topics = concepts()["tasks"][task]
    return distinct(make, seed=seed, part=part, topics=topics, count=count)


def say_pair(pair: Pair, language: str) -> tuple[str, str]:
    """Premise and hypothesis in a language."""
    said, asked = (text(clause, language, form) for clause, form in (pair.premise, pair.hypothesis))
    return said, asked
