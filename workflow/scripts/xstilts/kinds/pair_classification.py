"""Sentence pairs with one label (NLI, paraphrase)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.methods.one_label import OneLabel
from xstilts.kinds.methods.sentence_pair import SentencePair

if TYPE_CHECKING:
    from xstilts.data.examples import Pair


class PairClassification(SentencePair, OneLabel):
    """A pair is one sequence, its label one of the task's."""

    shape = Shape({"first": "text", "second": "text", "label": "name"})
    translated_fields = ("first", "second", "label")

    def example(self, row: dict, label: Label) -> Pair:
        """A row with first, second, label."""
        from xstilts.data.examples import pair

        return pair(row, label)


KIND = PairClassification()
