"""Counts behind the tagging scores: spans as seqeval 1.2.2 finds them, and words.

seqeval reads the first character of a tag as its prefix and what follows (after a hyphen, if any)
as its type. XTREME's evaluate.py gives it bare part-of-speech tags, so that NOUN is of type OUN,
runs of one tag are one span, SCONJ and CCONJ are of one type, and X has none. (seqeval 0.0.12, of
early 2020, took whole tags as types; the F1 differs by 0.2 points at most on the treebanks tried.)
The rules are written out here, over whole arrays, because importing seqeval costs a second in every
job; tests hold them against it.
"""

from collections.abc import Sequence

import numpy as np

from xstilts.core.errors import StudyError

Sentences = Sequence[Sequence[str]]
_OUTSIDE = ord("O")


def _check_lengths(predictions: Sentences, golds: Sentences) -> None:
    for row, (predicted, gold) in enumerate(zip(predictions, golds, strict=True)):
        if len(predicted) != len(gold):
            raise StudyError(
                f"Sentence {row} has {len(gold)} gold tags but {len(predicted)} predicted ones; "
                "write one predicted tag for each word."
            )


def _one_of(codes: np.ndarray, prefixes: str) -> np.ndarray:
    return np.isin(codes, [ord(prefix) for prefix in prefixes])


def _spans(
    sentences: Sentences, types: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Before each position of the text (an O ends a sentence): does a span end, its type, begin."""
    known: dict[str, tuple[int, int]] = {}

    def read(tag: str) -> tuple[int, int]:
        if tag not in known:
            kind = tag[1:].split("-", maxsplit=1)[-1] or "_"
            known[tag] = ord(tag[0]), types.setdefault(kind, len(types))
        return known[tag]

    text = [read(tag) for sentence in sentences for tag in (*sentence, "O")]
    prefix, kind = np.array(text, np.int64).reshape(-1, 2).T
    previous, previous_kind = np.roll(prefix, 1), np.roll(kind, 1)
    previous[:1], previous_kind[:1] = _OUTSIDE, types[""]
    changed = kind != previous_kind
    ends = (
        _one_of(previous, "ES")
        | (_one_of(previous, "BI") & _one_of(prefix, "BSO"))
        | (~_one_of(previous, "O.") & changed)
    )
    starts = (
        _one_of(prefix, "BS")
        | (_one_of(previous, "ESO") & _one_of(prefix, "EI"))
        | (~_one_of(prefix, "O.") & changed)
    )
    begun = np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))
    begun = np.concatenate([[0], begun[:-1]]) if len(begun) else begun
    return ends, previous_kind, begun


def span_counts(predictions: Sentences, golds: Sentences) -> np.ndarray:
    """Correct, predicted and gold spans of each sentence, float [sentences, 3].

    Their sums give seqeval's micro F1 (default mode) over the corpus. A sentence that begins with a
    tag of one letter (X) takes the begin of the last span before it, as in seqeval, so the order of
    the sentences matters there.

    Raises:
        StudyError: a sentence has more or fewer predicted tags than words.
    """
    _check_lengths(predictions, golds)
    types = {"": 0}
    predicted, predicted_kind, predicted_begin = _spans(predictions, types)
    gold, gold_kind, gold_begin = _spans(golds, types)
    same = (predicted_kind == gold_kind) & (predicted_begin == gold_begin)
    sentence = np.repeat(np.arange(len(golds)), [len(tags) + 1 for tags in golds])
    counts = [
        np.bincount(sentence, weights=ended, minlength=len(golds))
        for ended in (predicted & gold & same, predicted, gold)
    ]
    return np.stack(counts, axis=1)


def word_counts(predictions: Sentences, golds: Sentences) -> np.ndarray:
    """Right words, words and again words of each sentence, [sentences, 3]: their F1 is accuracy.

    Raises:
        StudyError: a sentence has more or fewer predicted tags than words.
    """
    _check_lengths(predictions, golds)
    rows = [
        (sum(map(str.__eq__, predicted, gold)), len(gold), len(gold))
        for predicted, gold in zip(predictions, golds, strict=True)
    ]
    return np.array(rows, float).reshape(-1, 3)
