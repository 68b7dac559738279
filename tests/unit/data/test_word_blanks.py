"""Words that come one by one get the pieces that they have in running text."""

import re

import pytest
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)  # fmt: skip

from xstilts.data.examples import Tagged
from xstilts.data.special_tokens import SegmentEncoder, spaced
from xstilts.data.tokenise import tagged

pytestmark = pytest.mark.odd_input

SPECIAL = ["<unk>", "<s>", "</s>"]


def finished(made):
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>",
        special_tokens=[(one, made.token_to_id(one)) for one in ("<s>", "</s>")],
    )  # fmt: skip
    return made


def metaspace(lines):
    """XLM-R's and multilingual E5's."""
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=900, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(lines, trainer)
    return finished(made)


def byte_level(lines, prefix=False):
    """RoBERTa's, ModernBERT's and EuroBERT's."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1200, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(lines, trainer)
    return finished(made)


def gemma(lines):
    """Gemma's and mmBERT's: blanks become marks, and nothing is put before the text."""
    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Replace(" ", "▁")
    made.pre_tokenizer = pre_tokenizers.Split(Regex("(?=▁)"), "isolated")
    trainer = trainers.BpeTrainer(vocab_size=1200, special_tokens=SPECIAL, show_progress=False)
    made.train_from_iterator(lines, trainer)
    return finished(made)


KINDS = {"metaspace": metaspace, "byte level": byte_level, "gemma": gemma,
         "byte level, prefix": lambda lines: byte_level(lines, prefix=True)}  # fmt: skip


@pytest.fixture(scope="module")
def sentences(root):
    """Real text: the project's own."""
    text = (root / "README.md").read_text(encoding="utf-8")
    lines = [re.findall(r"[\w']+|[^\w\s]", line) for line in text.splitlines()]
    found = [words for words in lines if len(words) > 4]
    assert len(found) > 50
    return found


@pytest.fixture(scope="module", params=KINDS)
def kind(request, sentences):
    lines = [" ".join(words) for words in sentences]
    return request.param, KINDS[request.param](lines)


def by_word(tokenizer, words):
    """Pieces of each word: by the offsets of the running text, and as they are prepared."""
    text = " ".join(words)
    begins = [len(" ".join(words[:number])) for number in range(len(words))]
    running = tokenizer.encode(text, add_special_tokens=False)
    pieces = [[] for _ in words]
    for token, (begin, end) in zip(running.ids, running.offsets, strict=True):
        own = max(number for number, first in enumerate(begins) if first < max(end, begin + 1))
        pieces[own].append(token)
    kit = SegmentEncoder(tokenizer, 512, 16)
    (row,) = tagged([Tagged("1", tuple(words), (0,) * len(words))], kit)
    (ids,) = row["input_ids"]
    return pieces, row["word_position"], ids


def test_every_word_of_real_text_keeps_its_pieces(kind, sentences):
    _, tokenizer = kind
    same = total = 0
    for words in sentences:
        pieces, position, ids = by_word(tokenizer, words)
        ends = [*position[1:], len(ids) - 1]
        for own, begin in zip(pieces, position, strict=True):
            assert begin > 0
            total += 1
            # The token that stands for the word is one of its own, and its others follow.
            same += ids[begin] in own[:2]
        assert [one for own in pieces for one in own] == ids[1:-1]
        assert ends == sorted(ends)
    assert total > 500 and same == total


def test_one_by_one_they_would_lose_their_blank(kind, sentences):
    """What the test above is there for: without the blank a byte-level tokenizer sees others."""
    name, tokenizer = kind
    same = total = 0
    for words in sentences:
        pieces, _, _ = by_word(tokenizer, words)
        apart = tokenizer.encode(words, is_pretokenized=True, add_special_tokens=False)
        found = [[] for _ in words]
        for token, word in zip(apart.ids, apart.word_ids, strict=True):
            found[word].append(token)
        same += sum(one == two for one, two in zip(pieces, found, strict=True))
        total += len(words)
    if name in ("byte level", "gemma"):
        assert same < 0.5 * total
    else:
        assert same == total


@pytest.mark.parametrize(
    ("before", "after", "blank"),
    [
        ("New", "York", True),
        ("мир", "и", True),
        ("वह", "घर", True),
        ("서울", "은", True),  # Korean has blanks
        ("中国", "人民", False),
        ("東京", "に", False),
        ("ไป", "โรงเรียน", False),
        ("မြန်မာ", "စာ", False),
        ("在", "2020", False),
        ("2020", "年", False),
        ("北京", "。", False),
        ("", "a", True),
        ("a", "", False),
    ],
)
def test_scripts_without_blanks(before, after, blank):
    assert spaced(before, after) == blank


@pytest.mark.parametrize("make", [byte_level, gemma])
def test_chinese_words_follow_each_other(make):
    text = ["中国 人民 银行 在 北京", "the bank of the people is in the city"] * 30
    tokenizer = make([one.replace(" ", "") if one[0] > "z" else one for one in text])
    kit = SegmentEncoder(tokenizer, 128, 16)
    words = ["中国", "人民", "银行"]
    (row,) = tagged([Tagged("1", tuple(words), (0, 0, 0))], kit)
    assert kit.written(words) == words
    assert kit.written(["the", "bank"]) == ["the", " bank"]
    (ids,) = row["input_ids"]
    assert not any(tokenizer.id_to_token(one).startswith(("Ġ", "▁")) for one in ids)


def test_a_blank_of_its_own_does_not_stand_for_the_word():
    tokenizer = byte_level(["abc"])
    (row,) = tagged([Tagged("1", ("ab", "xy"), (0, 0))], SegmentEncoder(tokenizer, 64, 16))
    (ids,) = row["input_ids"]
    second = row["word_position"][1]
    assert tokenizer.id_to_token(ids[second]) == "x"
    assert tokenizer.id_to_token(ids[second - 1]) == "Ġ"
