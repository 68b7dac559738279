"""Rows of checked fields to examples: composed text, label indices, verified answer positions."""

import math
from dataclasses import dataclass

from xstilts.data.labels import MultiwordError
from xstilts.data.row_faults import RowError
from xstilts.data.row_kind import Label
from xstilts.data.unicode import compose, find_span


@dataclass(frozen=True)
class Text:
    """A text and the index of its label."""

    example_id: str
    text: str
    label: int


@dataclass(frozen=True)
class TwoSentences:
    """Two sentences, whatever is said of them."""

    example_id: str
    first: str
    second: str


@dataclass(frozen=True)
class Pair(TwoSentences):
    """Two sentences and the index of their label."""

    label: int


@dataclass(frozen=True)
class ScoredPair(TwoSentences):
    """Two sentences and their score."""

    score: float


@dataclass(frozen=True)
class Choice:
    """Endings of a context, of a question, or of both; `label` is the index of the right one."""

    example_id: str
    context: str
    question: str
    endings: tuple[str, ...]
    label: int


@dataclass(frozen=True)
class Tagged:
    """Words and the index of each one's tag.

    `multiword` tokens were left out before them; `merged` words have a tag that counts as another.
    """

    example_id: str
    words: tuple[str, ...]
    labels: tuple[int, ...]
    multiword: int = 0
    merged: int = 0


@dataclass(frozen=True)
class Question:
    """A question; the first answer is `context[start:end]`, with -1 and -1 if there is none.

    `published` and `published_answers` are passage and answers as they came, not in normal form C:
    what others score predictions against. None: as above.
    """

    example_id: str
    question: str
    context: str
    answers: tuple[str, ...]
    start: int
    end: int
    published: str | None = None
    published_answers: tuple[str, ...] | None = None

    @property
    def passage(self) -> str:
        """The context as it came."""
        return self.context if self.published is None else self.published

    @property
    def golds(self) -> tuple[str, ...]:
        """The answers as they came."""
        return self.answers if self.published_answers is None else self.published_answers


@dataclass(frozen=True)
class Sentence:
    """One side of retrieval; `gold` is the id of a source sentence's translation, "" if none."""

    example_id: str
    text: str
    side: str
    gold: str


def pair(row: dict, label: Label) -> Pair:
    """A row with first, second, label."""
    return Pair(row["example_id"], text(row, "first"), text(row, "second"), label(row["label"]))


def labelled_text(row: dict, label: Label) -> Text:
    """A row with text, label."""
    return Text(row["example_id"], text(row, "text"), label(row["label"]))


def scored_pair(row: dict) -> ScoredPair:
    """A row with first, second and score, a finite number."""
    score = row["score"]
    if score is None or not math.isfinite(score):
        raise RowError("no score", f"score {score}", "score")
    return ScoredPair(row["example_id"], text(row, "first"), text(row, "second"), float(score))


def choice(row: dict, label: Label) -> Choice:
    """A row with endings, label, and context or question or both."""
    context = text(row, "context") if "context" in row else ""
    question = text(row, "question") if "question" in row else ""
    endings = _texts(row, "endings")
    if len(endings) > len(label.labels):
        raise RowError(
            "more choices than labels", f"{len(endings)} choices, {len(label.labels)} labels"
        )
    index = label(row["label"])
    if index >= len(endings):
        raise RowError("label out of range", f"choice {index} of {len(endings)}")
    return Choice(row["example_id"], context, question, endings, index)


def tagged(row: dict, label: Label) -> Tagged:
    """A row with tokens and tags.

    A multiword token (tag `_`: "au", before its words "à" and "le") is left out, as in XTREME's
    preprocessing of treebanks; it may have no text.
    """
    tokens, tags = row["tokens"], row["tags"]
    if tokens is None:
        raise RowError("null", field="tokens")
    if tags is None:
        raise RowError("no label", "tags are null")
    if len(tokens) != len(tags):
        raise RowError("not as many tags as tokens", f"{len(tags)} tags, {len(tokens)} tokens")
    if not tokens:
        raise RowError("no words")
    words, labels, merged = [], [], 0
    for token, tag in zip(tokens, tags, strict=True):
        try:
            index = label(tag)
        except MultiwordError:
            continue
        if token is None:
            raise RowError("null", field="tokens")
        words.append(compose(token))
        labels.append(index)
        merged += label.is_merged(tag)
    if not words:
        raise RowError("no label", "all tags are _")
    multiword = len(tokens) - len(words)
    return Tagged(row["example_id"], tuple(words), tuple(labels), multiword, merged)


def question(row: dict, label: Label | None = None) -> Question:
    """A row with question, context, answers, answer_start. An empty list means: no answer."""
    asked, context = text(row, "question"), text(row, "context")
    answers, starts = row["answers"], row["answer_start"]
    if answers is None or starts is None or None in answers or None in starts:
        raise RowError("null", field="answers")
    if not answers:
        return Question(row["example_id"], asked, context, (), -1, -1, row["context"])
    if len(starts) != len(answers):
        raise RowError("not as many answer starts as answers")
    if not all(answer.strip() for answer in answers):
        raise RowError("empty answer")
    composed, first, start = find_span(row["context"], answers[0], starts[0])
    if start < 0:
        raise RowError("answer not in context", f"answer {first!r}")
    texts = (first, *(compose(answer) for answer in answers[1:]))
    return Question(
        row["example_id"], asked, composed, texts, start, start + len(first), row["context"],
        tuple(answers),
    )  # fmt: skip


def text(row: dict, name: str) -> str:
    """A text field in normal form C; RowError if it is null."""
    if row[name] is None:
        raise RowError("null", field=name)
    return compose(row[name])


def _texts(row: dict, name: str) -> tuple[str, ...]:
    values = row[name]
    if values is None or None in values:
        raise RowError("null", field=name)
    return tuple(compose(value) for value in values)
