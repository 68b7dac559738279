"""Where an answer is after its passage was translated.

By marker: the answer is translated in quotes, inside its sentence, and what stands between the
quotes afterwards is the answer. By likeness: the answer is translated alone, and the stretch of
words that is most like it is taken if it is like enough. Where neither finds it the example is left
out and counted.
"""

import difflib
import re
from typing import NamedTuple

# What a translation may make of the quotes.
MARKS = '"“”„«»「」『』〝〞＂'
MARKER = re.compile(f"[{MARKS}]([^{MARKS}]*[^{MARKS}\\s][^{MARKS}]*)[{MARKS}]")
# A word is its own letters; in scripts without spaces every character is one.
WORD = re.compile(r"[぀-ヿ㐀-鿿฀-๿]|[^\W぀-ヿ㐀-鿿฀-๿]+")
# Translations of an answer may have a word or two more or fewer.
SLACK = 2


class Found(NamedTuple):
    """A passage, its answer's first character and the one after its last."""

    text: str
    start: int
    end: int


def marked(text: str, start: int, end: int) -> str | None:
    """`text` with quotes around `text[start:end]`; None if it has quotes of its own."""
    if any(mark in text for mark in MARKS):
        return None
    return f'{text[:start]}"{text[start:end]}"{text[end:]}'


def by_marker(translated: str) -> Found | None:
    """The passage without the quotes, and what they held; None unless there is exactly one pair."""
    if sum(letter in MARKS for letter in translated) != 2:
        return None
    match = MARKER.search(translated)
    if match is None:
        return None
    inner = match.group(1)
    lead = len(inner) - len(inner.lstrip())
    text = translated[: match.start()] + inner + translated[match.end() :]
    start = match.start() + lead
    return Found(text, start, start + len(inner.strip()))


def by_likeness(text: str, answer: str, threshold: float) -> Found | None:
    """The stretch of words of `text` most like `answer`, the first of equal ones.

    Likeness is difflib's ratio of the lower-case texts, 0 to 1; below `threshold` None.
    """
    words = [match.span() for match in WORD.finditer(text)]
    length = len(WORD.findall(answer))
    if not length:
        return None
    best, stretch = threshold, None
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(answer.lower())
    for size in range(max(1, length - SLACK), length + SLACK + 1):
        for first in range(len(words) - size + 1):
            start, end = words[first][0], words[first + size - 1][1]
            matcher.set_seq1(text[start:end].lower())
            # Each of these is an upper bound of the next, and cheaper.
            if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
                continue
            ratio = matcher.ratio()
            if ratio > best or (stretch is None and ratio >= best):
                best, stretch = ratio, Found(text, start, end)
    return stretch
