"""Seeded draws of concepts, and the rules that keep training apart from development and test.

Three rules, none of which depends on a seed: held-out concepts never reach training
(`lexicon.held_out`); held-out pairs of concepts neither; and every item belongs to one part by a
checksum of its meaning, so that no seed can put it into two.
"""

import functools
import random
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from generated_text.errors import GrammarError
from generated_text.grammar import Node, digits, node
from generated_text.lexicon import concepts, held_out

Item = TypeVar("Item")
PARTS = ("train", "dev", "test")
# Checksum modulo 4 -> part: half of all meanings may serve training.
PART_OF = ("train", "train", "dev", "test")
# How often development and test draw a held-out concept where they could draw either.
HELD_OUT_RATE = 0.4
# Fruitless draws in a row after which the grammar counts as exhausted.
PATIENCE = 3000


def checksum(meaning: object) -> int:
    """The same number for the same meaning on every machine and in every process."""
    return zlib.crc32(repr(meaning).encode())


@functools.cache
def pools(category: str, topics: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(concepts open to training, concepts held out) of a category within topics."""
    listed = concepts()[category]
    groups = listed if isinstance(listed, dict) else {"all": listed}
    by_topic = set(groups) <= set(concepts()["topics"])
    seen: list[str] = []
    kept: list[str] = []
    for group, names in groups.items():
        if by_topic and group not in topics:
            continue
        out = held_out(category, tuple(names))
        kept += [name for name in names if name in out]
        seen += [name for name in names if name not in out]
    return tuple(seen), tuple(kept)


@functools.cache
def pair_held_out(first: str, second: str) -> bool:
    """Whether training must not combine these two concepts."""
    share = float(concepts()["held_out"]["pairs"])
    return zlib.crc32(f"{first}+{second}".encode()) % 100 < 100 * share


@functools.cache
def hypernyms() -> dict[str, str]:
    """Thing -> the kind of thing it is, for those that have one."""
    return {thing: kind for kind, things in concepts()["kinds"].items() for thing in things}


class Draw:
    """Draws concepts for one part of a task; the same seed gives the same draws everywhere."""

    def __init__(self, seed: str, part: str, topics: Sequence[str]):
        self.random = random.Random(seed)
        self.part = part
        self.topics = tuple(topics)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random.random() < probability

    def pick(self, options: Sequence[Item]) -> Item:
        """One of the options, each as likely."""
        return options[int(self.random.random() * len(options))]

    def name(self, category: str, avoid: Sequence[str] = ()) -> str:
        """A concept of a category that is not among those to avoid."""
        seen, kept = pools(category, self.topics)
        for _ in range(100):
            held = self.part != "train" and kept and self.chance(HELD_OUT_RATE)
            chosen = self.pick(kept if held else seen)
            if chosen not in avoid:
                return chosen
        raise GrammarError(f"the demo has too few {category} for its topics; extend concepts.yaml.")

    def open(self, group: str, names: Sequence[str]) -> list[str]:
        """The names of a group that this part may use at all."""
        out = held_out(group, tuple(names)) if self.part == "train" else frozenset()
        return [name for name in names if name not in out]

    def usable(self, group: str, names: Sequence[str]) -> list[str]:
        """The held-out names or the others, to pick from; training only has the others."""
        out = held_out(group, tuple(names))
        if self.part != "train" and len(out) == 1:  # one name leaves nothing to pick
            return list(names)
        held = self.part != "train" and self.chance(HELD_OUT_RATE)
        return [name for name in names if (name in out) == held]

    def pool(self, category: str) -> tuple[str, ...]:
        """All concepts of a category that this part may use."""
        seen, kept = pools(category, self.topics)
        return seen if self.part == "train" else seen + kept

    def one(self, category: str, *avoid: Node) -> Node:
        """A concept of a category as a meaning."""
        return Node(category, self.name(category, [other.name for other in avoid]))

    def full_name(self, *avoid: Node) -> Node:
        """A person with given name and surname; no given name twice."""
        given = self.one("people", *(person.parts[0][1] for person in avoid))
        return node("phrases", "full", given=given, surname=self.one("surnames"))

    def someone(self, *avoid: Node) -> Node:
        """A person by name, or "the doctor" and the like; mostly by name."""
        if self.chance(0.7):
            return self.one("people", *avoid)
        taken = [other.parts[0][1] for other in avoid if other.category == "phrases"]
        return node("phrases", "definite", role=self.one("roles", *taken))

    def deed(self, category: str = "actions", things: Sequence[str] = ()) -> tuple[Node, Node]:
        """An action and a thing that this part may combine."""
        while True:
            action = self.one(category)
            thing = Node("things", self.pick(things)) if things else self.one("things")
            if self.part != "train" or not pair_held_out(action.name, thing.name):
                return action, thing

    def amount(self, thing: Node, number: Node | None) -> Node:
        """The object phrase: some number of things, or just things."""
        if number is None:
            return node("phrases", "bare", thing=thing)
        return node("phrases", "counted", thing=thing, number=number)

    def time(self, *avoid: Node) -> Node:
        """A weekday or a month; one to avoid fixes the kind, so that the two exclude each other."""
        category = avoid[0].category if avoid else self.pick(("weekdays", "months"))
        return self.one(category, *avoid)

    def year(self) -> Node:
        """A year; training lacks those divisible by four."""
        while True:
            year = 1900 + int(self.random.random() * 120)
            if self.part != "train" or year % 4:
                return digits(year)

    def round_number(self, low: int, high: int) -> Node:
        """A number that ends in 0 or 5: Russian nouns then need one form only."""
        return digits(5 * (low // 5 + int(self.random.random() * ((high - low) // 5 + 1))))


def distinct(
    make: Callable[[Draw], tuple[object, Item]],
    *,
    seed: str,
    part: str,
    topics: Sequence[str],
    count: int,
    mark: Callable[[Item], str] = repr,
) -> list[Item]:
    """`count` different items of a part.

    `make` draws (key, item); the key decides the part, and items with the same mark count once.
    Raises GrammarError with the number that the grammar can give if that is less than `count`.
    """
    draw = Draw(seed, part, topics)
    items: list[Item] = []
    seen: set[str] = set()
    fruitless = 0
    while len(items) < count:
        key, item = make(draw)
        if PART_OF[checksum(key) % 4] != part or (sign := mark(item)) in seen:
            fruitless += 1
            if fruitless > PATIENCE:
                raise GrammarError(
                    f"the demo grammar has at most {len(items)} different examples for {seed}; "
                    f"ask for no more than that instead of {count}."
                )
            continue
        fruitless = 0
        seen.add(sign)
        items.append(item)
    return items
