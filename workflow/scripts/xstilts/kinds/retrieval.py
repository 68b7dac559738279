"""Translations to be found in another language (BUCC, Tatoeba): no head is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.protocol import Decode, Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from xstilts.data.columns import Read
    from xstilts.data.examples import Sentence
    from xstilts.data.row_faults import Faults
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.data.split_rows import Unit


class Retrieval(Kind):
    """An example is a sentence of either side; a source sentence knows its translation's id."""

    # Pairs have the first two; the others are in files apart, for pairs that are to be mined.
    shape = Shape(
        optional={
            "source": "text",
            "target": "text",
            "sentence": "text",
            "source_id": "name",
            "target_id": "name",
        }
    )
    labelled_by = ""
    text_parts = ("sentence",)
    sides = ("target", "source")

    def example(self, row: dict, label: Label) -> NoReturn:
        """No row is an example by itself; see `examples`."""
        raise NotImplementedError

    def examples(
        self, unit: Unit, recipe: dict, names: list[str] | None, read: Read, faults: Faults
    ) -> Iterator[Sentence]:
        """Both sides of the pairs, or of two heaps with gold pairs."""
        from xstilts.data.pairing import sentences

        return sentences(unit, read, recipe["columns"], recipe["sampling_seed"], faults)

    def faults_of_all(
        self, unit: Unit, recipe: dict, names: list[str] | None, read: Read, faults: Faults
    ) -> Faults:
        """Those that are known already."""
        return faults

    def texts(self, example: Sentence) -> list[str]:
        """A sentence of one side."""
        return [example.text]

    def tokenised(self, examples: Sequence[Sentence], encoder: SegmentEncoder) -> list[dict]:
        """A sentence is one sequence."""
        from xstilts.data.tokenise import sentences

        return sentences(examples, encoder)

    def prepared_columns(self) -> pa.Schema:
        """`side`: "source" (the other language) or "target" (English); `gold`: a source's match."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(side=pa.string(), gold=pa.string())

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The sentence."""
        ((sentence, _),) = decode(record["input_ids"], record["second"])
        return {"sentence": [sentence]}


KIND = Retrieval()
