"""Single sentences: part-of-speech tags, named entities, parallel sentences for retrieval."""

from generated_text import facts, nli, paraphrase
from generated_text.grammar import Node, say, text
from generated_text.lexicon import concepts, vocabulary
from generated_text.reading import questions
from generated_text.sampling import Draw, distinct

POS_TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip
NER_TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
Sentence = tuple[Node, str]


def _statement(draw: Draw) -> Sentence:
    label = draw.random.randrange(3)
    return draw.pick(nli.ALL)(draw, label)[draw.random.randrange(2)]


def _biography(draw: Draw) -> Sentence:
    kind = draw.pick(("born", "founded", "moved", "studied", "works", "profession", "age", "river"))
    fact = facts.ABOUT_PERSON[kind](draw, draw.full_name())
    return fact, "front" if fact.part("year") and draw.chance(0.3) and _has_front(kind) else "say"


def _has_front(kind: str) -> bool:
    return "front" in vocabulary("en").entries["clauses"][kind].forms


def _question(draw: Draw) -> Sentence:
    kind = draw.pick(("event", "event", "born", "studied", "works", "profession", "age", "paid"))
    person = draw.full_name() if draw.chance(0.3) else draw.one("people")
    fact = facts.ABOUT_PERSON[kind](draw, person)
    return fact, draw.pick(questions(kind))


def _exchange(draw: Draw) -> Sentence:
    maker = draw.pick((paraphrase.transfers, paraphrase.couples, paraphrase.contrasts))
    return maker(draw, True)[0]


def _named(draw: Draw) -> Sentence:
    """Sentences with several names, and now and then one with few."""
    kind = draw.pick(("born", "founded", "founded", "moved", "studied", "works", "works", "river"))
    if draw.chance(0.2):
        return _exchange(draw)
    person = draw.one("people") if draw.chance(0.2) else draw.full_name()
    fact = facts.ABOUT_PERSON[kind](draw, person)
    asks = draw.chance(0.15)
    form = draw.pick(questions(kind)) if asks else "say"
    if not asks and _has_front(kind) and draw.chance(0.4):
        form = "front"
    return fact, form


MIXTURES = {
    "pos": (_statement, _biography, _question, _exchange),
    "tatoeba": (_statement, _biography, _question, _exchange),
    "ner": (_named,),
    "bucc": (_named, _exchange),
}


def sentences(task: str, *, seed: str, part: str, count: int) -> list[Sentence]:
    """`count` different sentences of a task, as clauses and forms."""

    def make(draw: Draw) -> tuple[object, Sentence]:
        sentence = draw.pick(MIXTURES[task])(draw)
        return in_english(sentence), sentence

    topics = concepts()["tasks"][task]
    return distinct(make, seed=seed, part=part, topics=topics, count=count, mark=in_english)


def in_english(sentence: Sentence) -> str:
    """What makes a sentence itself: a question does not say all of the fact that it asks about."""
    clause, form = sentence
    return text(clause, "en", form)


def pos(sentence: Sentence, language: str) -> tuple[list[str], list[int]]:
    """Tokens and the numbers of their universal tags."""
    clause, form = sentence
    tokens = say(clause, language, form).tokens
    return [token.text for token in tokens], [POS_TAGS.index(token.tag) for token in tokens]


def entities(sentence: Sentence, language: str) -> tuple[list[str], list[int]]:
    """Tokens and the numbers of their entity tags.

    Chinese comes by the word. WikiAnn's comes by the character, but there a small encoder that has
    seen a hundred English sentences finds nothing, and a score of zero in every row shows nothing.
    """
    clause, form = sentence
    tokens = say(clause, language, form).tokens
    tags = [NER_TAGS.index(token.entity or "O") for token in tokens]
    return [token.text for token in tokens], tags
