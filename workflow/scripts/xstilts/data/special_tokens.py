"""Special tokens around one or two segments, whatever the tokenizer's template is."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from xstilts.core.errors import StudyError

UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "JAVANESE")
"""Beginnings of the names of letters of scripts that are written without blanks between words."""

LONE = "▁"
"""Sentencepiece's mark of a word beginning, as a piece of its own."""


@dataclass(frozen=True)
class Template:
    """Special tokens before, between and after segments (`<s> A </s></s> B </s>`), by example.

    `second_type` is the token type of the second segment and what follows it: 1 for tokenizers of
    the BERT kind, 0 for those that tell segments apart by special tokens alone.

    Sequences are put together here and not by the tokenizer, because windows over a context and
    sentences cut at word borders need the pieces; truncation is then the same for every kind.
    """

    single: tuple[tuple[int, ...], tuple[int, ...]]
    double: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    second_type: int = 0

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "Template":
        """Read the template off two encoded one-letter segments.

        Raises:
            StudyError: it has no special tokens, so that segments would run into each other.
        """
        single, pair = tokenizer.encode("a"), tokenizer.encode("a", "b")
        before, after = _special_runs(single, 1)
        first, between, last = _special_runs(pair, 2)
        frame = cls((before, after), (first, between, last), pair.type_ids[-1])
        if not any(frame.single):
            raise StudyError(
                "The encoder's tokenizer.json puts no special token before or after a text (its "
                "post_processor is missing): take the file that its authors publish, or add a "
                "TemplateProcessing to it."
            )
        return frame

    def room(self, segments: int, maximum_length: int) -> int:
        """Tokens left for the text of one or two segments.

        Raises:
            StudyError: fewer than 8.
        """
        frame = self.single if segments == 1 else self.double
        room = maximum_length - sum(map(len, frame))
        if room < 8:
            raise StudyError(
                f"maximum_length {maximum_length} leaves {room} tokens for text: set at least 16."
            )
        return room

    def alone(self, segment: Sequence[int]) -> list[int]:
        """One segment with its special tokens."""
        before, after = self.single
        return [*before, *segment, *after]

    def together(self, first: Sequence[int], second: Sequence[int]) -> tuple[list[int], int]:
        """Two segments with their special tokens; index of the second one's first token."""
        before, between, after = self.double
        start = len(before) + len(first) + len(between)
        return [*before, *first, *between, *second, *after], start


@dataclass
class SegmentEncoder:
    """A tokenizer, its template and the lengths to keep to.

    `cut`: of a tagged sentence that is too long, only the beginning is kept.
    """

    tokenizer: Tokenizer
    maximum_length: int
    document_stride: int
    cut: bool = False
    frame: Template = field(init=False)

    def __post_init__(self) -> None:
        self.frame = Template.of(self.tokenizer)
        self.lone = self.tokenizer.token_to_id(LONE)
        self.blanks = _loses_blanks(self.tokenizer)
        # A blank as a piece of its own, which says nothing about the word after it.
        blank = self.encode([" "])[0] if self.blanks else []
        self.marks = {self.lone, *blank} if len(blank) == 1 else {self.lone}

    @classmethod
    def open(cls, tokenizer_file: Path, recipe: dict) -> "SegmentEncoder":
        """From a tokenizer.json and the lengths in a data recipe."""
        stride = recipe.get("document_stride", 128)
        cut = recipe.get("long_sentences") == "cut"
        return cls(open_tokenizer(tokenizer_file), recipe["maximum_length"], stride, cut)

    def room(self, segments: int) -> int:
        """Tokens of text that fit beside the special tokens."""
        return self.frame.room(segments, self.maximum_length)

    def written(self, words: Sequence[str]) -> list[str]:
        """Words as the tokenizer has to be given them to see what it sees in running text.

        A blank goes before each word but the first where the tokenizer cuts the blank off words
        that come one by one (byte-level ones, and Gemma's) and the script has blanks: of `angela`
        RoBERTa and ModernBERT else see `an ge la`, as in the middle of a word.
        """
        if not self.blanks:
            return list(words)
        pairs = pairwise(words)
        return [
            *words[:1],
            *(f" {word}" if spaced(before, word) else word for before, word in pairs),
        ]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text, without special tokens and uncut."""
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]


def open_tokenizer(file: Path) -> Tokenizer:
    """A tokenizer from its tokenizer.json, without the truncation and padding it may carry.

    Raises:
        StudyError: the file cannot be read.
    """
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises bare Exception
        raise StudyError(f"Cannot read the tokenizer {file}: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _loses_blanks(tokenizer: Tokenizer) -> bool:
    """Whether words that come one by one get other pieces than words between blanks."""
    for word in ("a", "the", "1"):
        running = tokenizer.encode(f"{word} {word}", add_special_tokens=False)
        apart = tokenizer.encode([word, word], is_pretokenized=True, add_special_tokens=False)
        if running.ids != apart.ids:
            return True
    return False


def spaced(before: str, after: str) -> bool:
    """Whether a blank stands before `after`: not beside a script that has none."""
    return after != "" and not any(
        _without_blanks(character) for character in (before[-1:], after[:1])
    )


def _without_blanks(letter: str) -> bool:
    if not letter or letter.isascii():
        return False
    name = unicodedata.name(letter, "")
    wide = unicodedata.east_asian_width(letter) in ("W", "F") and not name.startswith("HANGUL")
    return wide or name.startswith(UNSPACED)


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """Lengths of two segments after cutting the longer one until both fit into `room` tokens."""
    if first + second <= room:
        return first, second
    short = min(first, second, room // 2)
    long = room - short
    return (short, long) if first <= second else (long, short)


def _special_runs(encoding: Encoding, segments: int) -> list[tuple[int, ...]]:
    runs: list[list[int]] = [[] for _ in range(segments + 1)]
    seen = 0
    for token, segment in zip(encoding.ids, encoding.sequence_ids, strict=True):
        if segment is None:
            runs[seen].append(token)
        else:
            seen = segment + 1
    return [tuple(run) for run in runs]
