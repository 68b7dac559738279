"""Templates, tags and answers under each kind of tokenizer that the encoders bring."""

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from xstilts.core.errors import StudyError
from xstilts.data.examples import Pair, Question, Tagged
from xstilts.data.special_tokens import SegmentEncoder, Template
from xstilts.data.tokenise import pairs, tagged
from xstilts.data.windows import questions

SENTENCES = {
    "en": ["The", "(", "old", ")", "bank", "'s", "door"],
    "zh": ["中国", "人民", "银行", "在", "北京"],
    "ja": ["東京", "に", "行き", "ました", "。"],
    "th": ["เขา", "ไป", "โรงเรียน", "ที่", "กรุงเทพ"],
    "hi": ["वह", "विद्यालय", "में", "पढ़ती", "है"],
    "ar": ["ذهبت", "إلى", "المدرسة"],
    "vi": ["Nguyễn", "Huệ", "ở", "Hà", "Nội"],
}
LETTERS = sorted({letter for words in SENTENCES.values() for word in words for letter in word})


def finished(made, first, last, between="", second_type=1):
    made.add_special_tokens([first, last, "<pad>"])
    made.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {between} $B:{second_type} {last}:{second_type}".split(),
        special_tokens=[(one, made.token_to_id(one)) for one in (first, last)],
    )
    return made


def word_pieces():
    """mBERT's: no mark of a word's beginning, Chinese characters apart."""
    pieces = ["[UNK]", *LETTERS, *(f"##{one}" for one in LETTERS), "bank", "##oor"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return finished(made, "[CLS]", "[SEP]")


def unigram():
    scores = (
        {"<unk>": 0.0, "▁": -3.0} | dict.fromkeys(LETTERS, -4.0) | {"▁bank": -5.0, "中国": -5.0}
    )
    made = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def sentence_pieces():
    """XLM-R's and multilingual E5's."""
    return finished(unigram(), "<s>", "</s>", between="</s>", second_type=0)


def deberta():
    """mDeBERTa's, and (apart from its pieces) RemBERT's."""
    return finished(unigram(), "[CLS]", "[SEP]")


def bytes_of_text():
    """Pieces of bytes: several tokens cover one character."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({one: number for number, one in enumerate(alphabet)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return finished(made, "<s>", "</s>", between="</s>", second_type=0)


KINDS = {
    "word pieces": word_pieces, "sentence pieces": sentence_pieces, "deberta": deberta,
    "bytes": bytes_of_text,
}  # fmt: skip


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param, KINDS[request.param]()


def test_template_and_token_types_are_the_tokenizers_own(kind):
    name, tokenizer = kind
    (row,) = pairs([Pair("1", "bank door", "The bank", 0)], SegmentEncoder(tokenizer, 64, 16))
    whole = tokenizer.encode("bank door", "The bank")
    assert row["input_ids"] == [whole.ids]
    (second,) = row["second"]
    second_type = Template.of(tokenizer).second_type
    assert second_type == (name in ("word pieces", "deberta"))
    types = [second_type * (place >= second) for place in range(len(whole.ids))]
    assert types == whole.type_ids


@pytest.mark.parametrize("language", SENTENCES)
def test_every_word_has_a_token_of_its_own(kind, language):
    name, tokenizer = kind
    words = SENTENCES[language]
    example = Tagged("1", tuple(words), tuple(range(len(words))))
    (row,) = tagged([example], SegmentEncoder(tokenizer, 128, 16))
    (ids,) = row["input_ids"]
    assert row["word_position"] == sorted(set(row["word_position"]))
    assert row["word_sequence"] == [0] * len(words)
    whole = tokenizer.encode(words, is_pretokenized=True)
    assert ids == whole.ids
    for number, place in enumerate(row["word_position"]):
        assert whole.word_ids[place] == number
        piece = tokenizer.id_to_token(ids[place]).removeprefix("##").removeprefix("▁")
        if name != "bytes":
            assert piece and words[number].startswith(piece)


@pytest.mark.parametrize("language", SENTENCES)
def test_answers_are_read_back_from_their_characters(kind, language):
    _, tokenizer = kind
    words = SENTENCES[language]
    space = "" if language in ("zh", "ja", "th") else " "
    context, answer = space.join(words), words[2]
    start = len(space.join([*words[:2], ""]))
    example = Question("1", "bank", context, (answer,), start, start + len(answer))
    (row,) = questions([example], SegmentEncoder(tokenizer, 128, 16))
    first, last, begin = (row[one][0] for one in ("first", "last", "context_first"))
    starts, ends = row["char_start"][0], row["char_end"][0]
    assert context[starts[first - begin] : ends[last - begin]] == answer


def test_a_tokenizer_without_a_template_is_refused():
    with pytest.raises(StudyError, match="no special token before or after a text"):
        Template.of(unigram())
