import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from xstilts.core.errors import StudyError
from xstilts.data.examples import Choice, Pair, Sentence
from xstilts.data.special_tokens import SegmentEncoder, longest_first, open_tokenizer
from xstilts.data.tokenise import choices, pairs, sentences

TEXT = st.text(alphabet="abc the ing中", min_size=1, max_size=40)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.integers(16, 60))
@settings(max_examples=50, deadline=None)
def test_pairs_equal_the_tokenizers_own_truncation(tokenizer, texts, length):
    examples = [Pair(str(i), a, b, 0) for i, (a, b) in enumerate(texts)]
    rows = pairs(examples, SegmentEncoder(tokenizer, length, 16))
    own = Tokenizer.from_str(tokenizer.to_str())
    own.enable_truncation(length, strategy="longest_first")
    for row, (a, b) in zip(rows, texts, strict=True):
        encoding = own.encode(a, b)
        assert row["input_ids"] == [encoding.ids]
        if 1 in encoding.sequence_ids:
            assert row["second"] == [encoding.sequence_ids.index(1)]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40))
def test_longest_first_cuts_one_token_at_a_time_from_the_longer(first, second, room):
    a, b = first, second
    while a + b > room:  # the definition; which of two equals loses a token is free
        a, b = (a - 1, b) if a > b else (a, b - 1)
    assert sorted(longest_first(first, second, room)) == sorted((a, b))


def test_single_sentences_are_cut_inside_the_special_tokens(tokenizer):
    (row,) = sentences(
        [Sentence("1", "abc" * 30, "source", "2")], SegmentEncoder(tokenizer, 20, 16)
    )
    (sequence,) = row["input_ids"]
    assert len(sequence) == 20
    assert (sequence[0], sequence[-1]) == (1, 2)
    assert (row["second"], row["side"], row["gold"]) == ([0], "source", "2")


def test_each_ending_makes_a_sequence(tokenizer):
    kit = SegmentEncoder(tokenizer, 64, 16)
    (row,) = choices([Choice("1", "the cat", "who", ("a", "bc"), 1)], kit)
    first = kit.encode(["the cat", "who"])
    for sequence, start, ending in zip(row["input_ids"], row["second"], ("a", "bc"), strict=True):
        assert sequence[1 : start - 2] == first[0] + first[1]
        assert sequence[start:-1] == kit.encode([ending])[0]
    assert row["label"] == 1


def test_long_context_loses_its_beginning_but_neither_question_nor_ending(tokenizer):
    kit = SegmentEncoder(tokenizer, 32, 16)
    (row,) = choices([Choice("1", "x" * 50 + "yz", "who", ("abc",), 0)], kit)
    (sequence,), (start,) = row["input_ids"], row["second"]
    assert len(sequence) == 32
    assert sequence[start:-1] == kit.encode(["abc"])[0]
    assert (
        sequence[1 : start - 2]
        == (kit.encode(["x" * 50 + "yz"])[0] + kit.encode(["who"])[0])[-(start - 3) :]
    )


def test_too_small_a_maximum_length_is_refused(tokenizer):
    with pytest.raises(StudyError, match="maximum_length 10 leaves 6 tokens"):
        pairs([Pair("1", "a", "b", 0)], SegmentEncoder(tokenizer, 10, 16))


def test_tokenizer_file_may_carry_truncation_and_padding(tokenizer, tmp_path):
    other = Tokenizer.from_str(tokenizer.to_str())
    other.enable_truncation(8)
    other.enable_padding(length=8)
    other.save(str(tmp_path / "t.json"))
    kit = SegmentEncoder(open_tokenizer(tmp_path / "t.json"), 64, 16)
    assert len(kit.encode(["abc" * 10])[0]) == 31
    (tmp_path / "t.json").write_text("{}")
    with pytest.raises(StudyError, match="Cannot read the tokenizer"):
        open_tokenizer(tmp_path / "t.json")
