"""Questions on passages in another language, translated by machine."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from xstilts.data.examples import Question
from xstilts.kinds.methods.answer_alignment import Found, by_likeness, by_marker, marked
from xstilts.kinds.methods.passages import spans
from xstilts.kinds.protocol import Translate


def translated_questions(
    examples: Sequence[Question], translate: Translate, settings: dict, how: Counter
) -> list[dict[str, Any]]:
    """Question and passage, sentence by sentence, with the answer found again.

    `settings` are the config's: align (marker, fuzzy, in order of trial) and likeness.
    """
    asked = translate([one.question for one in examples])
    answers = translate([one.context[one.start : one.end] for one in examples if one.answers])
    answer = iter(answers)
    cut = [_cut(one) for one in examples]
    plain = iter(translate([text for pieces, _, _ in cut for text in pieces]))
    with_marks = iter(translate([text for _, _, text in cut if text is not None]))
    rows = []
    for one, question, (pieces, place, text) in zip(examples, asked, cut, strict=True):
        told = [next(plain) for _ in pieces]
        marks = next(with_marks) if text is not None else None
        row: dict[str, Any] = {"id": one.example_id, "question": question}
        if not one.answers:
            how["without an answer"] += 1
            rows.append(row | {"context": " ".join(told), "answers": [], "answer_start": []})
            continue
        found, way = _found(told[place], marks, next(answer), settings)
        how[way] += 1
        if found is None:
            continue
        told[place] = found.text
        start = sum(len(piece) + 1 for piece in told[:place]) + found.start
        context = " ".join(told)
        text = context[start : start + found.end - found.start]
        rows.append(row | {"context": context, "answers": [text], "answer_start": [start]})
    return rows


def _cut(one: Question) -> tuple[list[str], int, str | None]:
    """Sentences of a passage, which of them has the answer, and that one with marks."""
    keep = (one.start, one.end) if one.answers else None
    places = spans(one.context, keep)
    pieces = [one.context[a:b] for a, b in places]
    if keep is None:
        return pieces, 0, None
    place = next(i for i, (_, end) in enumerate(places) if keep[1] <= end)
    begin = places[place][0]
    return pieces, place, marked(pieces[place], keep[0] - begin, keep[1] - begin)


def _found(plain: str, marks: str | None, answer: str, settings: dict) -> tuple[Found | None, str]:
    """The answer in its sentence, and how it was found."""
    for way in settings["align"]:
        if way == "marker" and marks is not None and (found := by_marker(marks)):
            return found, "found by marker"
        if way == "fuzzy" and (found := by_likeness(plain, answer, settings["likeness"])):
            return found, "found by likeness"
    return None, "answer not found again"
