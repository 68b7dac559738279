"""Questions on long contexts: overlapping windows, answer tokens, characters of every token.

The method is that of BERT's SQuAD script (Devlin et al. 2019), which XTREME's script follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding

from xstilts.data.examples import Question
from xstilts.data.special_tokens import SegmentEncoder
from xstilts.data.unicode import raw_places

QUESTION_LENGTH = 64
"""Most tokens of a question, as in BERT's and XTREME's scripts."""


def questions(examples: Sequence[Question], kit: SegmentEncoder) -> list[dict]:
    """One sequence per window: the question against a window of the context.

    A window begins `document_stride` tokens after the one before it. Where the first answer lies
    wholly in a window, `first` and `last` are the indices of its tokens in the sequence; else 0, 0.
    """
    asked = kit.encode([example.question for example in examples])
    # Many questions share a context, and stand together in the files.
    contexts = {example.passage: example.context for example in examples}
    encodings = kit.tokenizer.encode_batch(list(contexts.values()), add_special_tokens=False)
    tokens = {
        passage: _passage(passage, context, encoding, kit.lone)
        for (passage, context), encoding in zip(contexts.items(), encodings, strict=True)
    }
    return [
        _row(example, question, tokens[example.passage], kit)
        for example, question in zip(examples, asked, strict=True)
    ]


def window_borders(length: int, room: int, stride: int) -> list[tuple[int, int]]:
    """First token and number of tokens of each window over `length` tokens."""
    borders, start = [], 0
    while True:
        count = min(room, length - start)
        borders.append((start, count))
        if start + count >= length:
            return borders
        start += min(count, stride)


def maximum_context(borders: Sequence[tuple[int, int]], length: int) -> list[np.ndarray]:
    """Per window and token: is this the window in which the token has the most context?

    The score is the smaller of the token's left and right context in the window, plus 0.01 times
    the window's length; the earliest window wins a tie.
    """
    best = np.full(length, -1.0)
    owner = np.zeros(length, np.int32)
    for number, (start, count) in enumerate(borders):
        index = np.arange(count)
        score = np.minimum(index, count - 1 - index) + 0.01 * count
        here = slice(start, start + count)
        owner[here] = np.where(score > best[here], number, owner[here])
        best[here] = np.maximum(score, best[here])
    return [owner[start : start + count] == number for number, (start, count) in enumerate(borders)]


def characters(
    context: str, ids: Sequence[int], offsets: Sequence[tuple], lone: int | None
) -> tuple:
    """Per token, the characters [start, end) of the context that it covers, white space trimmed.

    A lone word mark covers nothing: tokenizers give it the character of the token after it.
    """
    starts, ends = [], []
    for token, (start, end) in zip(ids, offsets, strict=True):
        while start < end and context[start].isspace():
            start += 1
        while start < end and context[end - 1].isspace():
            end -= 1
        starts.append(start)
        ends.append(start if token == lone else end)
    return np.array(starts, np.int32), np.array(ends, np.int32)


@dataclass(frozen=True)
class Passage:
    """Tokens of a context, and which characters each covers: of it, and of it as it came."""

    ids: list[int]
    starts: np.ndarray
    ends: np.ndarray
    raw_starts: np.ndarray
    raw_ends: np.ndarray


def _passage(passage: str, context: str, encoding: Encoding, lone: int | None) -> Passage:
    starts, ends = characters(context, encoding.ids, encoding.offsets, lone)
    if passage == context:
        return Passage(encoding.ids, starts, ends, starts, ends)
    begin, end = raw_places(passage)
    # A token that covers nothing may stand after the last character.
    raw_starts = np.append(begin, len(passage)).astype(np.int32)[starts]
    raw_ends = np.where(ends > starts, end[np.maximum(ends, 1) - 1], raw_starts).astype(np.int32)
    return Passage(encoding.ids, starts, ends, raw_starts, raw_ends)


def answer_tokens(starts: np.ndarray, ends: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """First and last token that share a character with [start, end); (-1, -1) if none does."""
    hits = np.flatnonzero((starts < ends) & (ends > start) & (starts < end))
    return (int(hits[0]), int(hits[-1])) if len(hits) else (-1, -1)


def _row(example: Question, question: list[int], context: Passage, kit: SegmentEncoder) -> dict:
    room = kit.room(2)
    question = question[: min(QUESTION_LENGTH, room // 2)]
    ids = context.ids
    gold = answer_tokens(context.starts, context.ends, example.start, example.end)
    borders = window_borders(len(ids), room - len(question), kit.document_stride)
    built = [kit.frame.together(question, ids[start : start + count]) for start, count in borders]
    context_first = [first for _, first in built]
    answers = [
        _place(gold, border, first) for border, first in zip(borders, context_first, strict=True)
    ]
    return {
        "example_id": example.example_id,
        "input_ids": [sequence for sequence, _ in built],
        "second": context_first,
        "context": example.passage,
        "answers": example.golds,
        "first": [first for first, _ in answers],
        "last": [last for _, last in answers],
        "context_first": context_first,
        "char_start": [context.raw_starts[start : start + count] for start, count in borders],
        "char_end": [context.raw_ends[start : start + count] for start, count in borders],
        "max_context": maximum_context(borders, len(ids)),
    }


def _place(gold: tuple[int, int], border: tuple[int, int], context_first: int) -> tuple[int, int]:
    (first, last), (start, count) = gold, border
    if first < start or last >= start + count:
        return 0, 0
    return context_first + first - start, context_first + last - start
