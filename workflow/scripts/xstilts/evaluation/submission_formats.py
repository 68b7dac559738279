"""What the files of an XTREME submission hold: its README and evaluate.py (Hu et al. 2020)."""

from dataclasses import dataclass
from typing import Literal

_TAGS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
_ENTITIES = "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC"
_TATOEBA = (
    "af ar bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr nl pt ru sw ta te th "
    "tl tr ur vi zh"
)


@dataclass(frozen=True)
class Format:
    """The files of one task: `<folder>/test-<language>.<suffix>`.

    Attributes:
        folder: XTREME's name of the task.
        kind: labels: one a line. tags: one a line, an empty line between sentences. answers: a JSON
            object, id to text. pairs: two ids a line, with a tab. places: of each English sentence,
            the row, from 0, of its translation in the other language's file.
        languages: those of XTREME.
        values: labels or tags that may occur, empty for the other kinds.
        named: what our own names of labels are called, where it is not the same.
        examples: in each language's test set, None where that differs between languages.
    """

    folder: str
    kind: Literal["labels", "tags", "answers", "pairs", "places"]
    languages: tuple[str, ...]
    values: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    examples: int | None = None

    @property
    def suffix(self) -> str:
        """Ending of the files."""
        return "json" if self.kind == "answers" else "tsv"

    def file(self, language: str) -> str:
        """Name of a language's file, below the submission."""
        return f"{self.folder}/test-{language}.{self.suffix}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: By our names of the targets.
FORMATS = {
    "xnli": Format(
        "xnli",
        "labels",
        _words("ar bg de el en es fr hi ru sw th tr ur vi zh"),
        ("entailment", "neutral", "contradiction"),
        examples=5010,
    ),
    "pawsx": Format(
        "pawsx",
        "labels",
        _words("de en es fr ja ko zh"),
        ("0", "1"),
        (("different", "0"), ("paraphrase", "1")),
        2000,
    ),
    "pos": Format(
        "udpos",
        "tags",
        _words(
            "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl "
            "tr ur vi yo zh"
        ),
        _words(_TAGS),
    ),
    "ner": Format("panx", "tags", _words(f"{_TATOEBA} en ms my yo"), _words(_ENTITIES)),
    "xquad": Format("xquad", "answers", _words("ar de el en es hi ru th tr vi zh"), examples=1190),
    "mlqa": Format("mlqa", "answers", _words("ar de en es hi vi zh")),
    "tydiqa": Format("tydiqa", "answers", _words("ar bn en fi id ko ru sw te")),
    "bucc": Format("bucc2018", "pairs", _words("de fr ru zh")),
    "tatoeba": Format("tatoeba", "places", _words(_TATOEBA)),
}
