"""Rows of checked fields to examples: composed text, label indices, verified answer positions."""

from collections.abc import Callable
from dataclasses import dataclass

from xstilts.data.row_faults import RowError
from xstilts.data.unicode import compose, find_span


@dataclass(frozen=True)
class Pair:
    """Two sentences and the index of their label."""

    example_id: str
    first: str
    second: str
    label: int


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
    """Words and the index of each one's tag."""

    example_id: str
    words: tuple[str, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A question; the first answer is `context[start:end]`, with -1 and -1 if there is none."""

    example_id: str
    question: str
    context: str
    answers: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """One side of retrieval; `gold` is the id of a source sentence's translation, "" if none."""

    example_id: str
    text: str
    side: str
    gold: str


Example = Pair | Choice | Tagged | Question | Sentence
Label = Callable[[object], int]


def pair(row: dict, label: Label) -> Pair:
    """A row with first, second, label."""
    return Pair(row["example_id"], text(row, "first"), text(row, "second"), label(row["label"]))


def choice(row: dict, label: Label) -> Choice:
    """A row with endings, label, and context or question or both."""
    context = text(row, "context") if "context" in row else ""
    question = text(row, "question") if "question" in row else ""
    endings = _texts(row, "endings")
    index = label(row["label"])
    if index >= len(endings):
        raise RowError("label out of range", f"choice {index} of {len(endings)}")
    return Choice(row["example_id"], context, question, endings, index)


def tagged(row: dict, label: Label) -> Tagged:
    """A row with tokens and tags."""
    words, tags = _texts(row, "tokens"), row["tags"]
    if tags is None:
        raise RowError("no label", "tags are null")
    if len(words) != len(tags):
        raise RowError("not as many tags as tokens", f"{len(tags)} tags, {len(words)} tokens")
    if not words:
        raise RowError("no words")
    return Tagged(row["example_id"], words, tuple(label(tag) for tag in tags))


def question(row: dict, label: Label | None = None) -> Question:
    """A row with question, context, answers, answer_start. An empty list means: no answer."""
    asked, context = text(row, "question"), text(row, "context")
    answers, starts = row["answers"], row["answer_start"]
    if answers is None or starts is None or None in answers or None in starts:
        raise RowError("null", field="answers")
    if not answers:
        return Question(row["example_id"], asked, context, (), -1, -1)
    if len(starts) != len(answers):
        raise RowError("not as many answer starts as answers")
    if not all(answer.strip() for answer in answers):
        raise RowError("empty answer")
    composed, first, start = find_span(row["context"], answers[0], starts[0])
    if start < 0:
        raise RowError("answer not in context", f"answer {first!r}")
    texts = (first, *(compose(answer) for answer in answers[1:]))
    return Question(row["example_id"], asked, composed, texts, start, start + len(first))


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


NORMALISERS: dict[str, Callable[[dict, Label], Example]] = {
    "pair_classification": pair,
    "multiple_choice": choice,
    "tagging": tagged,
    "span_qa": question,
}
