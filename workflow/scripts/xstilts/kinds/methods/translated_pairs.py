"""Sentence pairs in another language."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from xstilts.data.examples import TwoSentences
from xstilts.kinds.protocol import Translate

SomePair = TypeVar("SomePair", bound=TwoSentences)


def translated_pairs(
    examples: Sequence[SomePair], translate: Translate, how: Counter
) -> Iterator[tuple[SomePair, dict]]:
    """Examples with their rows of id, first and second; those of which nothing is left drop out.

    `how` counts what came of the examples.
    """
    texts = translate([text for example in examples for text in (example.first, example.second)])
    for example, first, second in zip(examples, texts[::2], texts[1::2], strict=True):
        empty = not (first and second)
        how["empty translation" if empty else "translated"] += 1
        if not empty:
            yield example, {"id": example.example_id, "first": first, "second": second}
