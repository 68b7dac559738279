"""Tokenizers: loading any encoder's, and rebuilding XLM-R's from its pieces and scores."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.core.errors import StudyError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = "tokenizer.json"
# Ids 0-3 and the last one of XLM-R (Conneau et al. 2020), in this order.
SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
MASK = "<mask>"


def load_tokenizer(folder: Path) -> "Tokenizer":
    """The tokenizer in `folder`/tokenizer.json, neither truncating nor padding.

    Raises StudyError where the file is missing or damaged.
    """
    from tokenizers import Tokenizer

    path = Path(folder) / FILE
    if not path.is_file():
        raise StudyError(
            f"{path} is missing; choose an encoder with a fast tokenizer, or write the file once "
            "with AutoTokenizer.from_pretrained(folder).save_pretrained(folder)."
        )
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # tokenizers raises bare Exception, and panics past it
        raise StudyError(f"{path} is no tokenizer file ({error}); fetch it again.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def unigram_tokenizer(pieces: list[str], scores: Iterable[float]) -> "Tokenizer":
    """XLM-R's tokenizer: pieces with log probabilities, special tokens at ids 0-3 and at the end.

    Same steps as the tokenizer.json that transformers converts from XLM-R's SentencePiece model:
    nmt_nfkc, runs of spaces to one, Metaspace, Unigram, `<s> A </s>` or `<s> A </s></s> B </s>`.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers, processors  # isort: skip

    vocabulary = list(zip(pieces, map(float, scores), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=pieces.index(SPECIAL["unk_token"])))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(character_map()), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    start, end = SPECIAL["bos_token"], SPECIAL["eos_token"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(token, pieces.index(token)) for token in (start, end)],
    )
    tokenizer.add_special_tokens([*SPECIAL.values(), MASK])
    return tokenizer


def character_map(rule: str = "nmt_nfkc") -> bytes:
    """The compiled character normalisation `rule` that the `sentencepiece` package carries."""
    from sentencepiece import SentencePieceNormalizer

    model = SentencePieceNormalizer(rule_name=rule).serialized_model_proto()
    # In sentencepiece_model.proto: ModelProto.normalizer_spec = 3, its precompiled_charsmap = 2.
    specification = dict(_fields(model))[3]
    return dict(_fields(specification))[2]


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of a protobuf message's fields of bytes (sentencepiece has no others)."""
    offset = 0
    while offset < len(message):
        tag, offset = _number(message, offset)
        value, offset = _number(message, offset)
        if tag & 7 == 2:
            yield tag >> 3, message[offset : offset + value]
            offset += value


def _number(message: bytes, offset: int) -> tuple[int, int]:
    """A protobuf varint, seven bits a byte, lowest first; and the place after it."""
    value = shift = 0
    while message[offset] & 128:
        value |= (message[offset] & 127) << shift
        offset, shift = offset + 1, shift + 7
    return value | message[offset] << shift, offset + 1
