"""Examples to token sequences: per kind a function from examples to rows of the store."""

from collections.abc import Sequence
from typing import cast

from xstilts.data.examples import Choice, Sentence, Tagged, Text, TwoSentences
from xstilts.data.special_tokens import SegmentEncoder, longest_first


def texts(examples: Sequence[Text], kit: SegmentEncoder) -> list[dict]:
    """Single texts, cut at the maximum length."""
    room = kit.room(1)
    encoded = kit.encode([example.text for example in examples])
    return [
        _row(example.example_id, [kit.frame.alone(tokens[:room])], [0]) | {"label": example.label}
        for example, tokens in zip(examples, encoded, strict=True)
    ]


def pairs(examples: Sequence[TwoSentences], kit: SegmentEncoder) -> list[dict]:
    """Sentence pairs without their labels; where both do not fit, the longer one is cut first."""
    room = kit.room(2)
    firsts = kit.encode([example.first for example in examples])
    seconds = kit.encode([example.second for example in examples])
    rows = []
    for example, first, second in zip(examples, firsts, seconds, strict=True):
        keep, keep_second = longest_first(len(first), len(second), room)
        sequence, start = kit.frame.together(first[:keep], second[:keep_second])
        rows.append(_row(example.example_id, [sequence], [start]))
    return rows


def choices(examples: Sequence[Choice], kit: SegmentEncoder) -> list[dict]:
    """One sequence per ending: context and question against the ending.

    Where they do not fit, the context loses its beginning: what stands next to the question or the
    ending matters most, and a cut at the right end would take away the question.
    """
    contexts = kit.encode([example.context for example in examples])
    asked = kit.encode([example.question for example in examples])
    endings = iter(kit.encode([ending for example in examples for ending in example.endings]))
    rows = []
    for example, context, question in zip(examples, contexts, asked, strict=True):
        own = [next(endings) for _ in example.endings]
        built = [_choice(context, question, ending, kit) for ending in own]
        sequences, starts = [sequence for sequence, _ in built], [start for _, start in built]
        rows.append(_row(example.example_id, sequences, starts) | {"label": example.label})
    return rows


def _choice(
    context: list[int], question: list[int], ending: list[int], kit: SegmentEncoder
) -> tuple:
    room = kit.room(2)
    keep, keep_ending = longest_first(len(question), len(ending), room)
    left = min(room - keep - keep_ending, len(context))
    first = context[len(context) - left :] + question[:keep]
    return kit.frame.together(first, ending[:keep_ending])


def sentences(examples: Sequence[Sentence], kit: SegmentEncoder) -> list[dict]:
    """Single sentences for retrieval, cut at the maximum length."""
    room = kit.room(1)
    encoded = kit.encode([example.text for example in examples])
    return [
        _row(example.example_id, [kit.frame.alone(tokens[:room])], [0])
        | {"side": example.side, "gold": example.gold}
        for example, tokens in zip(examples, encoded, strict=True)
    ]


def tagged(examples: Sequence[Tagged], kit: SegmentEncoder) -> list[dict]:
    """Words with the place of the token that stands for each.

    That token is the word's first one; but where the first is a lone word mark and more follow
    (as for most Chinese words), the one after it, since the mark itself says nothing about the
    word. A sentence that is too long goes on in a further sequence at a word border, as in
    XTREME's preprocessing, where only a single word that fills a sequence is cut; or, with
    `kit.cut`, as in jiant, it ends there, and the words beyond have no token.
    """
    encodings = kit.tokenizer.encode_batch(
        [kit.written(example.words) for example in examples],
        is_pretokenized=True,
        add_special_tokens=False,
    )
    rows = []
    for example, encoding in zip(examples, encodings, strict=True):
        pieces: list[list[int]] = [[] for _ in example.words]
        # Without special tokens every token is a word's.
        words = cast(list[int], encoding.word_ids)
        for token, word in zip(encoding.ids, words, strict=True):
            pieces[word].append(token)
        sequences, number, position = _lay_out(pieces, kit)
        rows.append(
            _row(example.example_id, sequences, [0] * len(sequences))
            | {"labels": example.labels, "word_sequence": number, "word_position": position}
        )
    return rows


def _lay_out(
    words: list[list[int]], kit: SegmentEncoder
) -> tuple[list[list[int]], list[int], list[int]]:
    room, offset = kit.room(1), len(kit.frame.single[0])
    sequences: list[list[int]] = [[]]
    number, position = [], []
    for word in words:
        pieces = word[: room - len(sequences[-1])] if kit.cut else word[:room]
        if len(sequences[-1]) + len(pieces) > room:
            sequences.append([])
        skip = 1 if len(pieces) > 1 and pieces[0] in kit.marks else 0
        number.append(len(sequences) - 1 if pieces else -1)
        position.append(offset + len(sequences[-1]) + skip if pieces else -1)
        sequences[-1].extend(pieces)
    return [kit.frame.alone(sequence) for sequence in sequences], number, position


def _row(example_id: str, sequences: list[list[int]], second: list[int]) -> dict:
    return {"example_id": example_id, "input_ids": sequences, "second": second}
