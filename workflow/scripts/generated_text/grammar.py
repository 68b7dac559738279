"""From meanings to sentences: one recursive renderer for every language.

A meaning is a tree of `Node`s that names concepts, phrases and clauses, no words. `say` renders it
in a language into tokens with part-of-speech tags, entity types and the place of every slot.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from generated_text.errors import GrammarError
from generated_text.lexicon import Entry, Reference, Vocabulary, genders, vocabulary

# Slots that a meaning may leave empty; their words then simply do not appear.
OPTIONAL = frozenset({"place", "time"})
ENTITIES = {"people": "PER", "organisations": "ORG", "cities": "LOC"}
ENTITY_PHRASES = {"full": "PER", "stream": "LOC"}
OPENING, CLOSING = {"¿", "«"}, {".", ",", "?", "।", "。", "，", "？", "»"}


class Node(NamedTuple):
    """A meaning: an entry of a vocabulary and what fills its slots."""

    category: str
    name: str
    parts: tuple[tuple[str, "Node"], ...] = ()

    def __repr__(self) -> str:
        # Checksums are taken of this; the generic one costs a third of the time of generation.
        return f"{self.category}/{self.name}{self.parts or ''}"

    def part(self, slot: str) -> "Node | None":
        """What fills a slot, if anything."""
        return next((node for name, node in self.parts if name == slot), None)

    def filler(self, slot: str) -> "Node":
        """What fills a slot; GrammarError if nothing does."""
        part = self.part(slot)
        if part is None:
            raise GrammarError(f"{self.category}/{self.name} has nothing as its {slot}.")
        return part


class Token(NamedTuple):
    """A word of a sentence; entity is "" or PER, ORG, LOC with B- or I- before it."""

    text: str
    tag: str
    entity: str = ""


@dataclass
class Sentence:
    """Tokens of a sentence, and for every slot the first and past-the-last token that fill it."""

    tokens: list[Token] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


def node(category: str, name: str, **parts: Node | None) -> Node:
    """A meaning; parts that are None are left out."""
    return Node(category, name, tuple((k, v) for k, v in parts.items() if v is not None))


def digits(number: int) -> Node:
    """A number or year written in digits."""
    return Node("digits", str(number))


def _feature(meaning: Node, words: Vocabulary) -> str:
    """What others agree with: as written, the person's gender, or that of the first part."""
    if meaning.category == "digits":
        return "digits"
    written = words.entries[meaning.category][meaning.name].feature
    if written:
        return written
    if meaning.name in genders() and meaning.category in ("people", "roles"):
        return genders()[meaning.name]
    return _feature(meaning.parts[0][1], words) if meaning.parts else ""


def _lookup(reference: Reference, meaning: Node, words: Vocabulary) -> tuple[Node, str] | None:
    """The meaning and form that a reference stands for; None for an empty optional slot."""
    target = meaning.part(reference.slot)
    if target is None and reference.slot in words.entries["words"]:
        target = Node("words", reference.slot)
    if target is None:
        if reference.slot in OPTIONAL:
            return None
        raise GrammarError(
            f"the demo's {meaning.name} lacks '{reference.slot}'; correct {words.language}.yaml."
        )
    if reference.agrees_with is None:
        return target, reference.form or ""
    other = meaning.part(reference.agrees_with)
    wanted = _feature(other, words) if other else ""
    # A language that does not distinguish this feature has one form, the first.
    return target, wanted if wanted in words.entries[target.category][target.name].forms else ""


def _mark(tokens: list[Token], kind: str) -> list[Token]:
    """Marks the tokens from the first to the last proper noun as one entity."""
    proper = [index for index, token in enumerate(tokens) if token.tag == "PROPN"]
    if not proper:
        return tokens
    first, last = proper[0], proper[-1]
    marked = [
        token._replace(entity=("B-" if index == first else "I-") + kind)
        for index, token in enumerate(tokens[first : last + 1], start=first)
    ]
    return [*tokens[:first], *marked, *tokens[last + 1 :]]


def _template(entry: Entry, form: str, meaning: Node, words: Vocabulary):
    chosen = form or entry.first
    if chosen not in entry.forms:
        raise GrammarError(
            f"the demo's {meaning.category}/{meaning.name} has no form '{chosen}'; "
            f"correct {words.language}.yaml."
        )
    return entry.forms[chosen]


def _render(meaning: Node, form: str, words: Vocabulary) -> Sentence:
    if meaning.category == "digits":
        return Sentence([Token(meaning.name, "NUM")])
    entry = words.entries[meaning.category][meaning.name]
    result = Sentence()
    for part in _template(entry, form, meaning, words):
        if not isinstance(part, Reference):
            result.tokens.append(Token(part.text, part.tag))
            continue
        filling = _lookup(part, meaning, words)
        if filling is None:
            continue
        start = len(result.tokens)
        inner = _render(*filling, words)
        result.tokens.extend(inner.tokens)
        result.spans[part.slot] = (start, len(result.tokens))
        for slot, (first, last) in inner.spans.items():
            result.spans.setdefault(slot, (start + first, start + last))
    names = ENTITY_PHRASES if meaning.category == "phrases" else ENTITIES
    kind = names.get(meaning.name if meaning.category == "phrases" else meaning.category)
    if kind:
        result.tokens = _mark(result.tokens, kind)
    return result


def capitalised(text: str, language: str) -> str:
    """The text with its first letter in upper case; Turkish keeps the dot of i."""
    first = "İ" if language == "tr" and text[:1] == "i" else text[:1].upper()
    return first + text[1:]


def say(meaning: Node, language: str, form: str = "say") -> Sentence:
    """The sentence for a clause in a language, in one of the clause's forms, capitalised."""
    sentence = _render(meaning, form, vocabulary(language))
    for index, token in enumerate(sentence.tokens):
        if token.tag != "PUNCT":
            sentence.tokens[index] = token._replace(text=capitalised(token.text, language))
            break
    return sentence


def offsets(tokens: list[Token], language: str) -> tuple[str, list[int]]:
    """The running text of tokens, and the character at which each of them starts."""
    join, text, starts = vocabulary(language).join, "", []
    previous = ""
    for token in tokens:
        if text and token.text not in CLOSING and previous not in OPENING:
            text += join
        starts.append(len(text))
        text += token.text
        previous = token.text
    return text, starts


def text(meaning: Node, language: str, form: str = "say") -> str:
    """The running text of a clause."""
    return offsets(say(meaning, language, form).tokens, language)[0]


def answer(sentence: Sentence, slot: str) -> tuple[int, int]:
    """The tokens that answer a question for a slot: the name inside it, or all of it."""
    first, last = sentence.spans[slot]
    named = [i for i in range(first, last) if sentence.tokens[i].entity]
    return (named[0], named[-1] + 1) if named else (first, last)
