"""Texts that a training set shares with a test set: what has been read is no test.

Two texts are the same if they are equal as they came, or once only their letters, marks and digits
are left, in one case and normal form KC: blanks, punctuation and tokenisation differ between copies
of one sentence ("Here you go ." in a treebank, "Here you go." elsewhere). An example is compared by
its whole text and, where it has several (premise and hypothesis, question and passage), by each of
them that is long enough not to be there by chance.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

LONG = 20
"""Letters from which on one of several texts of an example counts by itself ("What happened?" and
"The man is asleep." do not)."""

KEPT = "LMN"
"""First letters of Unicode's categories of letters, marks and digits."""


class _Letters(dict[int, str | None]):
    """For `str.translate`: what is neither letter, mark nor digit falls away."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        self[code] = letter if unicodedata.category(letter)[0] in KEPT else None
        return self[code]


_LETTERS = _Letters()


def normalised(text: str) -> str:
    """A text's letters, marks and digits; the text itself where it has none."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS) or text.strip()


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def fingerprints(texts: Sequence[str]) -> dict[str, list[int]]:
    """Numbers, 64 bits, of the texts by which an example is compared: `exact`, `normalised`.

    Args:
        texts: all texts of the example, in the order in which they are read.
    """
    plain = [normalised(text) for text in texts]
    # One text is a whole already. The sign between texts is in no normalised one.
    compared = [("\n".join(texts), "\n".join(plain))]
    if len(texts) > 1:
        compared += [pair for pair in zip(texts, plain, strict=True) if len(pair[1]) >= LONG]
    return {
        "exact": [_number(text) for text, _ in compared],
        "normalised": [_number(text) for _, text in compared],
    }


@dataclass
class KnownTexts:
    """Fingerprints of test sets, by task, and how many examples were found to share one.

    Attributes:
        exact, normalised: fingerprints by task.
        counts: examples left out, by task and by how their text is the same.
        seen, dropped: examples that were compared, and those left out, which may share texts with
            several tasks.
    """

    exact: dict[str, set[int]] = field(default_factory=dict)
    normalised: dict[str, set[int]] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    seen: int = 0
    dropped: int = 0

    def add(self, task: str, examples: Iterable[Sequence[str]]) -> None:
        """Add the texts of examples of a test set."""
        exact, plain = self.exact.setdefault(task, set()), self.normalised.setdefault(task, set())
        for texts in examples:
            prints = fingerprints(texts)
            exact.update(prints["exact"])
            plain.update(prints["normalised"])

    def takes(self, texts: Sequence[str]) -> bool:
        """Whether an example of a training set shares no text; counted."""
        prints = fingerprints(texts)
        self.seen += 1
        shared = {
            task: "normalised" if self.exact[task].isdisjoint(prints["exact"]) else "exact"
            for task, plain in self.normalised.items()
            if not plain.isdisjoint(prints["normalised"])
        }
        for task, how in shared.items():
            self.counts.setdefault(task, Counter())[how] += 1
        self.dropped += bool(shared)
        return not shared

    def receipt(self) -> dict[str, Any]:
        """What became of the training set: examples seen, dropped, and by task and likeness."""
        by_task = {task: dict(sorted(self.counts.get(task, {}).items())) for task in self.exact}
        return {"examples": self.seen, "dropped": self.dropped, "shared_with": by_task}

    def sentences(self, task: str) -> Iterator[str]:
        """What a user is told of the training set of `task`."""
        for other, counts in self.counts.items():
            yield (
                f"{task} train: {counts.total()} of {self.seen} examples left out, whose text the "
                f"test set of {other} has too ({counts['exact']} of them to the letter)."
            )
