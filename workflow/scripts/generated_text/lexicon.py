"""The demo's words: what it can talk about (concepts) and how each language says it (vocabularies).

Concepts are shared by all languages (`resources/demo/concepts.yaml`); a vocabulary
(`resources/demo/<language>.yaml`) gives every concept its full inflected forms, so that no form is
ever derived by rule.
"""

import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from generated_text.errors import GrammarError

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "demo"
LANGUAGES = ("en", "de", "es", "ru", "tr", "sw", "zh", "hi", "vi", "id")
# A reference in a template: {slot}, {slot.form} or {slot:other}, the form that `other` asks for.
REFERENCE = re.compile(r"\{(\w+)(?:\.(\w+)|:(\w+))?\}")


class Word(NamedTuple):
    """One token as written, with its universal part-of-speech tag."""

    text: str
    tag: str


class Reference(NamedTuple):
    """A place in a template that another entry fills."""

    slot: str
    form: str | None
    agrees_with: str | None


Template = tuple[Word | Reference, ...]


@dataclass(frozen=True)
class Entry:
    """A concept, phrase or clause in a language: its forms and the feature others agree with."""

    forms: dict[str, Template]
    first: str
    feature: str


@dataclass(frozen=True)
class Vocabulary:
    """All that the demo knows of one language."""

    language: str
    join: str
    entries: dict[str, dict[str, Entry]]


def read_yaml(name: str) -> Any:
    """Content of a file of the demo's folder; a missing file is a GrammarError."""
    path = FOLDER / name
    if not path.is_file():
        raise GrammarError(f"the demo's file {name} is missing; restore resources/demo/{name}.")
    # Everything stays text: YAML would read the English words "no" and "on" as false and true.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    return yaml.load(text, Loader=loader)


@functools.cache
def concepts() -> dict[str, Any]:
    """The inventory of concepts, topics and task mixtures, as written in concepts.yaml."""
    return read_yaml("concepts.yaml")


def described(language: str) -> dict[str, str]:
    """What other data sets call a language: `name` (udpos.<name>), `tatoeba` code; its `script`."""
    return concepts()["languages"][language]


@functools.cache
def english(name: str) -> Any:
    """A file of the English tasks, such as "questions"."""
    return read_yaml(f"english/{name}.yaml")


@functools.cache
def genders() -> dict[str, str]:
    """Person or role -> "f" or "m"."""
    both = [concepts()["people"], concepts()["roles"]]
    return {name: gender for group in both for gender, names in group.items() for name in names}


@functools.cache
def held_out(category: str, names: tuple[str, ...]) -> frozenset[str]:
    """The concepts of a group that training never sees: the first by SHA-256, at least one."""
    share = float(concepts()["held_out"]["share"])
    ranked = sorted(names, key=lambda name: hashlib.sha256(f"{category}/{name}".encode()).digest())
    return frozenset(ranked[: max(1, int(len(names) * share))])


def parse(text: str, tags: dict[str, str], default: str | None) -> Template:
    """A template from its written form: words with blanks between, `word/TAG`, `{references}`."""
    parts: list[Word | Reference] = []
    for piece in text.split():
        reference = REFERENCE.fullmatch(piece)
        if reference:
            parts.append(Reference(*reference.groups()))
            continue
        word, _, own = piece.partition("/")
        tag = own or tags.get(word) or default
        if not tag:
            raise GrammarError(
                f"the demo's word '{word}' in '{text}' has no tag; add it to `tags`."
            )
        parts.append(Word(word.replace("_", " "), tag))
    return tuple(parts)


def _entry(value: Any, columns: list[str], tags: dict[str, str], default: str | None) -> Entry:
    values = value if isinstance(value, list) else [value]
    forms = dict(zip(columns, (str(item) for item in values), strict=False))
    feature = forms.pop("agree", "")
    parsed = {form: parse(text, tags, default) for form, text in forms.items()}
    return Entry(parsed, columns[0], feature)


def _clause(forms: dict[str, str], tags: dict[str, str]) -> Entry:
    return Entry({form: parse(text, tags, None) for form, text in forms.items()}, "say", "")


@functools.cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of one of `LANGUAGES`; a word without a tag is a GrammarError."""
    raw = read_yaml(f"{language}.yaml")
    tags = {word: tag for tag, words in raw["tags"].items() for word in words}
    lexicon = dict(raw["lexicon"])
    for category in raw.get("as_english", []):
        lexicon[category] = read_yaml("en.yaml")["lexicon"][category]
    entries = {}
    for category, words in lexicon.items():
        columns = raw["forms"].get(category, ["base"])
        default = raw["default_tags"][category]
        entries[category] = {k: _entry(v, columns, tags, default) for k, v in words.items()}
    entries["words"] = {
        name: Entry({k: parse(v, tags, None) for k, v in forms.items()}, next(iter(forms)), "")
        for name, forms in raw["words"].items()
    }
    columns = raw["forms"].get("phrases", ["base", "agree"])
    entries["phrases"] = {k: _entry(v, columns, tags, None) for k, v in raw["phrases"].items()}
    entries["clauses"] = {name: _clause(forms, tags) for name, forms in raw["clauses"].items()}
    return Vocabulary(language, raw["join"], entries)
