"""Facts about people, places and things: the clauses that several tasks share."""

from collections.abc import Callable

from generated_text.grammar import Node, node
from generated_text.sampling import Draw


def event(
    draw: Draw,
    agent: Node | None = None,
    action: Node | None = None,
    thing: Node | None = None,
    **fixed: Node | None,
) -> Node:
    """Somebody did something with (some number of) things, somewhere, some day."""
    if action is None or thing is None:
        action, thing = draw.deed()
    number = fixed["number"] if "number" in fixed else draw.one("numbers")
    return node(
        "clauses",
        "event",
        agent=agent or draw.someone(),
        action=action,
        object=draw.amount(thing, number),
        thing=thing,
        place=fixed["place"] if "place" in fixed else draw.one("places"),
        time=fixed["time"] if "time" in fixed else draw.time(),
    )


def transfer(draw: Draw, agent: Node | None = None, recipient: Node | None = None) -> Node:
    """Somebody passes a thing to somebody, some day."""
    giver = agent or draw.one("people")
    deed, thing = draw.deed("transfers")
    taker = recipient or draw.one("people", giver)
    return node(
        "clauses",
        "transfer",
        agent=giver,
        transfer=deed,
        thing=thing,
        recipient=taker,
        time=draw.time(),
    )


def organisation(draw: Draw) -> Node:
    """A named bank, museum and so on."""
    return node("organisations", draw.name("organisations"), brand=draw.one("brands"))


def born(draw: Draw, person: Node) -> Node:
    """Where and when a person was born."""
    return node("clauses", "born", person=person, city=draw.one("cities"), year=draw.year())


def founded(draw: Draw, person: Node) -> Node:
    """What a person founded, where and when."""
    return node(
        "clauses",
        "founded",
        person=person,
        organisation=organisation(draw),
        city=draw.one("cities"),
        year=draw.year(),
    )


def moved(draw: Draw, person: Node) -> Node:
    """From which city to which a person moved, and when."""
    city = draw.one("cities")
    origin = draw.one("cities", city)
    return node("clauses", "moved", person=person, city=city, origin=origin, year=draw.year())


def studied(draw: Draw, person: Node) -> Node:
    """What a person studied, and where."""
    subject, city = draw.one("subjects"), draw.one("cities")
    return node("clauses", "studied", person=person, subject=subject, city=city)


def works(draw: Draw, person: Node) -> Node:
    """For whom a person works, and where."""
    return node(
        "clauses", "works", person=person, organisation=organisation(draw), city=draw.one("cities")
    )


def paid(draw: Draw, person: Node) -> Node:
    """What a person paid for a thing, and when."""
    return node(
        "clauses",
        "paid",
        person=person,
        number=draw.round_number(15, 95),
        thing=draw.one("things"),
        time=draw.time(),
    )


def profession(draw: Draw, person: Node) -> Node:
    """What a person is by profession."""
    return node("clauses", "profession", person=person, role=draw.one("roles"))


def age(draw: Draw, person: Node) -> Node:
    """How old a person is; by given name, as Russian puts the name in the dative."""
    given = person.part("given") or person
    return node("clauses", "age", person=given, number=draw.round_number(15, 80))


def river(draw: Draw, person: Node | None = None) -> Node:
    """How long a river is."""
    stream = node("phrases", "stream", river=draw.one("rivers"))
    return node("clauses", "river", stream=stream, number=draw.round_number(105, 950))


def compare(draw: Draw, first: Node, second: Node) -> Node:
    """That one person is older, taller ... than another."""
    return node(
        "clauses", "compare", first=first, comparison=draw.one("comparisons"), second=second
    )


def did(draw: Draw, person: Node) -> Node:
    """An event with a given person."""
    return event(draw, person)


ABOUT_PERSON: dict[str, Callable[[Draw, Node], Node]] = {
    "born": born,
    "founded": founded,
    "moved": moved,
    "studied": studied,
    "works": works,
    "paid": paid,
    "profession": profession,
    "age": age,
    "event": did,
    "river": river,
}
