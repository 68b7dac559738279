"""Multiple choice: HellaSwag (what next), Cosmos QA (why, what then), CommonsenseQA (what for)."""

from collections.abc import Sequence
from typing import NamedTuple

from generated_text.errors import GrammarError
from generated_text.lexicon import Word, concepts, english, genders, vocabulary
from generated_text.sampling import Draw, distinct

PRONOUNS = {
    "f": {"he": "she", "him": "her", "his": "her"},
    "m": {"he": "he", "him": "him", "his": "his"},
}
NONE_OF_THEM = "None of the above choices ."


class Choice(NamedTuple):
    """A context, a question about it, the choices and the right one; `topic` names its source."""

    topic: str
    context: str
    question: str
    choices: tuple[str, ...]
    label: int


def _person(draw: Draw) -> dict[str, str]:
    name = draw.name("people")
    word = vocabulary("en").entries["people"][name].forms["base"][0]
    if not isinstance(word, Word):
        raise GrammarError(f"the demo's person '{name}' is not one plain word.")
    return {"n": word.text, **PRONOUNS[genders()[name]]}


def _sentence(text: str, person: dict[str, str]) -> str:
    """The text with the person put in, every sentence with a capital."""
    pieces = text.format(**person).split(". ")
    return ". ".join(piece[:1].upper() + piece[1:] for piece in pieces)


def _mixed(draw: Draw, right: str, wrong: Sequence[str]) -> tuple[tuple[str, ...], int]:
    label = draw.random.randrange(len(wrong) + 1)
    return (*wrong[:label], right, *wrong[label:]), label


def continuation(draw: Draw) -> tuple[object, Choice]:
    """A sport, its beginning, and its next step among next steps of other sports."""
    scripts = english("scripts")
    sports = draw.usable("scripts", sorted(scripts))
    sport = draw.pick(sports)
    rest = [other for other in draw.open("scripts", sorted(scripts)) if other != sport]
    others = draw.random.sample(rest, 3)
    person = _person(draw)
    start = f"{person['n']} {draw.pick(scripts[sport]['contexts'])}"
    wrong = [draw.pick(scripts[other]["endings"]) for other in others]
    endings, label = _mixed(draw, draw.pick(scripts[sport]["endings"]), wrong)
    choice = Choice(sport, start, person["he"].capitalize(), endings, label)
    return start, choice


def situation(draw: Draw) -> tuple[object, Choice]:
    """A situation, a question on it, and its answer among answers to other questions."""
    bank = english("situations")
    numbers = [str(number) for number in range(len(bank))]
    chosen = draw.pick(draw.usable("situations", numbers))
    rest = [number for number in draw.open("situations", numbers) if number != chosen]
    others = draw.random.sample(rest, 3)
    person, here = _person(draw), bank[int(chosen)]
    wrong = [draw.pick(bank[int(other)]["answers"]) for other in others]
    if draw.chance(0.5):
        wrong[draw.random.randrange(3)] = NONE_OF_THEM
    answers, label = _mixed(draw, draw.pick(here["answers"]), wrong)
    said = tuple(_sentence(answer, person) for answer in answers)
    context = _sentence(draw.pick(here["contexts"]), person)
    question = here["question"].format(**person)
    return context, Choice(chosen, context, question, said, label)


def knowledge(draw: Draw) -> tuple[object, Choice]:
    """A thing and what it is for, where it is, what it is made of; five choices of one relation."""
    bank = english("knowledge")
    relation = draw.pick(sorted(bank))
    pairs = bank[relation]["pairs"]
    group = f"knowledge/{relation}"
    thing = draw.pick(draw.usable(group, sorted(pairs)))
    others = sorted({pairs[other] for other in draw.open(group, sorted(pairs))} - {pairs[thing]})
    wrong = draw.random.sample(others, 4)
    person = _person(draw)
    question = draw.pick(bank[relation]["questions"]).format(x=thing, **person)
    choices, label = _mixed(draw, pairs[thing], wrong)
    return question, Choice(thing, "", question, choices, label)


MAKERS = {"hellaswag": continuation, "cosmosqa": situation, "commonsenseqa": knowledge}


def multiple_choice(task: str, *, seed: str, part: str, count: int) -> list[Choice]:
    """`count` questions of a task, the right choice equally often in every place."""
    topics = concepts()["tasks"][task]
    return distinct(MAKERS[task], seed=seed, part=part, topics=topics, count=count)
