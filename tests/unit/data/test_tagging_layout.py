from xstilts.data.examples import Tagged
from xstilts.data.special_tokens import SegmentEncoder
from xstilts.data.tokenise import tagged


def lay_out(tokenizer, words, length=64):
    (row,) = tagged(
        [Tagged("1", tuple(words), tuple(range(len(words))))], SegmentEncoder(tokenizer, length, 16)
    )
    return row


def token(tokenizer, row, word):
    sequence, position = row["word_sequence"][word], row["word_position"][word]
    return tokenizer.id_to_token(row["input_ids"][sequence][position])


def test_first_piece_stands_for_the_word(tokenizer):
    row = lay_out(tokenizer, ["the", "sing", "an"])
    assert [token(tokenizer, row, i) for i in range(3)] == ["▁the", "s", "▁an"]
    assert row["word_position"] == [1, 3, 5]  # <s> ▁the ▁ s ing ▁an </s>


def test_lone_word_mark_gives_way_to_the_piece_after_it(tokenizer):
    row = lay_out(tokenizer, ["中国", "人民"])
    assert [token(tokenizer, row, i) for i in range(2)] == ["中国", "人"]


def test_words_without_a_token(tokenizer):
    row = lay_out(tokenizer, ["the", "", "an"])
    assert row["word_position"] == [1, -1, 2]
    assert row["word_sequence"] == [0, -1, 0]
    assert row["labels"] == (0, 1, 2)
    assert lay_out(tokenizer, [""])["input_ids"] == [[1, 2]]


def test_six_hundred_words_are_split_at_word_borders_and_none_is_lost(tokenizer):
    words = [("the", "cat", "сидело")[i % 3] for i in range(600)]
    row = lay_out(tokenizer, words)
    assert len(row["input_ids"]) > 20
    assert all(len(one) <= 64 and (one[0], one[-1]) == (1, 2) for one in row["input_ids"])
    joined = [one for sequence in row["input_ids"] for one in sequence[1:-1]]
    whole = tokenizer.encode(words, is_pretokenized=True, add_special_tokens=False)
    assert joined == whole.ids
    for i, word in enumerate(words):
        assert token(tokenizer, row, i) == ("▁the" if word == "the" else word[0])
    assert row["word_sequence"] == sorted(row["word_sequence"])


def test_a_word_longer_than_a_sequence_is_cut_but_keeps_its_place(tokenizer):
    row = lay_out(tokenizer, ["the", "x" * 100, "an"])
    assert [len(one) for one in row["input_ids"]] == [3, 64, 3]
    assert (row["word_sequence"], row["word_position"]) == ([0, 1, 2], [1, 2, 1])
