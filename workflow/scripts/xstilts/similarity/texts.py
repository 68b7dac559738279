"""The text of a task: a sample of its prepared examples, read back as text.

Text is what the encoder is given, decoded: in normal form C, cut at the study's maximum length
(passages of question answering are whole). So similarity and training speak of the same words.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from xstilts.core.draws import hash_order
from xstilts.data.store import open_split
from xstilts.kinds import Kind


@dataclass(frozen=True)
class Texts:
    """A sample of n examples of one task in one language.

    Attributes:
        rows: row of each example in its split.
        ids: their ids.
        texts: the parts that the config chose, joined by a blank.
        segments: all parts, one by one.
    """

    rows: np.ndarray
    ids: list[str]
    texts: list[str]
    segments: list[list[str]]


@dataclass(frozen=True)
class Reader:
    """Reads texts of the prepared task in `data`, of kind `kind`, with parts `fields` joined."""

    data: Path
    kind: Kind
    fields: list[str]
    tokenizer: Tokenizer
    seed: int

    def sample(self, split: str, language: str | None, side: str | None, count: int) -> Texts:
        """At most `count` examples, no text twice, the same ones whatever their order in the file.

        `language` None takes all; `side` is that of retrieval, else None.
        """
        table = open_split(self.data / f"{split}.arrow").table
        ids, languages = table["example_id"].to_pylist(), table["language"].to_pylist()
        keep = np.ones(len(ids), dtype=bool)
        if language is not None:
            keep &= np.array([own == language for own in languages], dtype=bool)
        if side is not None:
            keep &= np.array([own == side for own in table["side"].to_pylist()], dtype=bool)
        candidates = np.flatnonzero(keep)
        # Parallel test sets share ids, so that each language gives the same items.
        ordered = candidates[hash_order(self.seed, [ids[row] for row in candidates])]
        chosen: list[int] = []
        texts: list[str] = []
        segments: list[list[str]] = []
        seen: set[str] = set()
        for row in ordered:
            if len(chosen) == count:
                break
            record = table.slice(int(row), 1).to_pylist()[0]
            parts = self.kind.text_segments(record, self.decode)
            text = " ".join(part for name in self.fields for part in parts[name] if part)
            if text not in seen:
                seen.add(text)
                chosen.append(int(row))
                texts.append(text)
                segments.append([part for own in parts.values() for part in own])
        rows = np.array(chosen, dtype=int)
        return Texts(rows, [ids[row] for row in chosen], texts, segments)

    def decode(self, sequences: list[list[int]], seconds: list[int]) -> list[tuple[str, str]]:
        """First and second segment of each sequence; without a second one, "" for it."""
        halves = []
        for sequence, second in zip(sequences, seconds, strict=True):
            begin = second or len(sequence)
            halves += [sequence[:begin], sequence[begin:]]
        decoded = [text.strip() for text in self.tokenizer.decode_batch(halves)]
        return list(zip(decoded[::2], decoded[1::2], strict=True))
