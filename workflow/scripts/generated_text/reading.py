"""Span questions: SQuAD, SQuAD 2, XQuAD, MLQA and TyDiQA.

A context tells two kinds of facts about each of two people, in mixed order. A question asks for one
piece of one fact; the same kind of fact about the other person, and the other fact about the same
person, are the distractors. Unanswerable questions ask a third kind of fact, or about others.
"""

import functools
from typing import NamedTuple

from generated_text import facts
from generated_text.grammar import Node, answer, offsets, say
from generated_text.lexicon import concepts, vocabulary
from generated_text.sampling import Draw, distinct

KINDS = {
    "squad": ("founded", "studied", "moved", "river", "event"),
    "squad_v2": ("founded", "works", "born", "paid", "event"),
    "xquad": ("founded", "studied", "moved", "river", "event"),
    "mlqa": ("works", "paid", "event", "born"),
    "tydiqa": ("born", "founded", "moved", "river"),
}


class Reading(NamedTuple):
    """Facts with their forms, which of them is asked about, the question and its slot."""

    context: tuple[tuple[Node, str], ...]
    asked: int
    question: tuple[Node, str]
    slot: str | None


@functools.cache
def questions(kind: str) -> tuple[str, ...]:
    """The forms in which one can ask about a kind of fact: "ask_city" asks for the slot "city"."""
    forms = vocabulary("en").entries["clauses"][kind].forms
    return tuple(sorted(form for form in forms if form.startswith("ask_")))


def _fillers(facts_given: list[Node]) -> set[Node]:
    """Every city, day, thing, number ... that these facts name, people apart."""
    return {
        filler
        for fact in facts_given
        for slot, filler in fact.parts
        if slot not in ("person", "agent")
    }


def _another(draw: Draw, kind: str, person: Node, facts_given: list[Node]) -> Node:
    """A fact of a kind about a person that names nothing of what is told already."""
    used = _fillers(facts_given)
    while True:
        fact = facts.ABOUT_PERSON[kind](draw, person)
        if not _fillers([fact]) & used:
            return fact


def _form(draw: Draw, fact: Node) -> str:
    has_front = "front" in vocabulary("en").entries["clauses"][fact.name].forms
    return draw.pick(("say", "front")) if has_front else "say"


def _reading(draw: Draw, task: str) -> tuple[object, Reading]:
    kinds = list(KINDS[task])
    draw.random.shuffle(kinds)
    first = draw.full_name()
    people = (first, draw.full_name(first))
    facts_given: list[Node] = []
    for kind in kinds[:2]:
        for person in people:
            facts_given.append(_another(draw, kind, person, facts_given))
    draw.random.shuffle(facts_given)
    asked = draw.random.randrange(len(facts_given))
    fact, answerable = facts_given[asked], True
    if task == "squad_v2" and draw.chance(0.5):
        answerable = False
        if draw.chance(0.5):
            fact = _another(draw, kinds[2], draw.pick(people), facts_given)
        else:
            fact = _another(draw, fact.name, draw.full_name(*people), facts_given)
    ask = draw.pick(questions(fact.name))
    context = tuple((given, _form(draw, given)) for given in facts_given)
    slot = ask.removeprefix("ask_") if answerable else None
    return context, Reading(context, asked, (fact, ask), slot)


def readings(task: str, *, seed: str, part: str, count: int) -> list[Reading]:
    """`count` contexts with one question each."""
    topics = concepts()["tasks"][task]
    return distinct(
        lambda draw: _reading(draw, task), seed=seed, part=part, topics=topics, count=count
    )


def say_reading(reading: Reading, language: str) -> tuple[str, str, list[str], list[int]]:
    """Context, question, answers and where they start in the context, in a language."""
    join = vocabulary(language).join
    context, texts, starts = "", [], []
    for index, (fact, form) in enumerate(reading.context):
        sentence = say(fact, language, form)
        written, starts_of = offsets(sentence.tokens, language)
        context += join if context else ""
        if index == reading.asked and reading.slot:
            first, last = answer(sentence, reading.slot)
            end = starts_of[last - 1] + len(sentence.tokens[last - 1].text)
            texts.append(written[starts_of[first] : end])
            starts.append(len(context) + starts_of[first])
        context += written
    fact, form = reading.question
    return context, offsets(say(fact, language, form).tokens, language)[0], texts, starts
