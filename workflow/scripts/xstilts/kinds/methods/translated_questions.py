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
    asked = translate([example.question for example in examples])
    answers = translate(
        [example.context[example.start : example.end] for example in examples if example.answers]
    )
    answer = iter(answers)
    cut = [_cut(example) for example in examples]
    plain = iter(translate([text for pieces, _, _ in cut for text in pieces]))
    with_marks = iter(translate([text for _, _, text in cut if text is not None]))
    rows = []
    for example, question, (pieces, with_answer, text) in zip(examples, asked, cut, strict=True):
        sentences = [next(plain) for _ in pieces]
        marks = next(with_marks) if text is not None else None
        row: dict[str, Any] = {"id": example.example_id, "question": question}
        if not example.answers:
            how["without an answer"] += 1
            rows.append(row | {"context": " ".join(sentences), "answers": [], "answer_start": []})
            continue
        answered, way = _found(sentences[with_answer], marks, next(answer), settings)
        how[way] += 1
        if answered is None:
            continue
        sentences[with_answer] = answered.text
        start = sum(len(piece) + 1 for piece in sentences[:with_answer]) + answered.start
        context = " ".join(sentences)
        text = context[start : start + answered.end - answered.start]
        rows.append(row | {"context": context, "answers": [text], "answer_start": [start]})
    return rows


def _cut(example: Question) -> tuple[list[str], int, str | None]:
    """Sentences of a passage, which of them has the answer, and that one with marks."""
    keep = (example.start, example.end) if example.answers else None
    borders = spans(example.context, keep)
    pieces = [example.context[a:b] for a, b in borders]
    if keep is None:
        return pieces, 0, None
    with_answer = next(i for i, (_, end) in enumerate(borders) if keep[1] <= end)
    begin = borders[with_answer][0]
    return pieces, with_answer, marked(pieces[with_answer], keep[0] - begin, keep[1] - begin)


def _found(plain: str, marks: str | None, answer: str, settings: dict) -> tuple[Found | None, str]:
    """The answer in its sentence, and how it was found."""
    for way in settings["align"]:
        if way == "marker" and marks is not None and (answered := by_marker(marks)):
            return answered, "found by marker"
        if way == "fuzzy" and (answered := by_likeness(plain, answer, settings["likeness"])):
            return answered, "found by likeness"
    return None, "answer not found again"
