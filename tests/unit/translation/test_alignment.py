"""Answers found again in translated text, against cases made by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.kinds.methods.answer_alignment import by_likeness, by_marker, marked
from xstilts.kinds.methods.passages import spans


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('Sie wohnt in "Berlin".', "Berlin"),
        ("Sie wohnt in „Berlin“.", "Berlin"),
        ("Elle habite « Paris ».", "Paris"),
        ("彼女は「東京」に住んでいる。", "東京"),
        ("“Im Jahr 1903” zog sie um.", "Im Jahr 1903"),
    ],
)
def test_quotes_of_any_kind_are_found_and_taken_away(text, answer):
    found = by_marker(text)
    assert found.text[found.start : found.end] == answer
    assert not set('"„“”«»「」') & set(found.text)


@pytest.mark.parametrize(
    "text",
    ["no quotes", 'one " alone', 'one "a" and "b"', 'nothing "" inside', 'blank " " inside', ""],
)
def test_anything_else_is_not_trusted(text):
    assert by_marker(text) is None


def test_a_text_with_quotes_of_its_own_is_not_marked():
    assert marked("she said “no” in May", 14, 16) is None
    assert marked("born in Bonn", 8, 12) == 'born in "Bonn"'


@given(st.text("abc deé中", min_size=1, max_size=30), st.data())
def test_marking_and_unmarking_gives_the_text_back(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = by_marker(marked(text, start, end))
    if not text[start:end].strip():
        assert found is None
        return
    assert found.text == text
    assert found.text[found.start : found.end] == text[start:end].strip()


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("Der Turm wurde 1889 in Paris gebaut.", "Paris", "Paris"),
        ("Die Türme der Stadt sind alt.", "die Türme", "Die Türme"),  # case is no matter
        ("Sie kaufte drei rote Äpfel.", "drei roten Äpfel", "drei rote Äpfel"),  # an ending
        ("他在北京大学学习。", "北京大学", "北京大学"),  # no spaces
        ("ora et labora", "labora", "labora"),
        ("one one one", "one", "one"),
    ],
)
def test_the_likest_words_are_found(text, answer, expected):
    found = by_likeness(text, answer, 0.7)
    assert found.text == text
    assert text[found.start : found.end] == expected
    assert found.start == text.index(expected)


@pytest.mark.parametrize("answer", ["London", "", "...", "xyz qrs"])
def test_what_is_unlike_is_not_found(answer):
    assert by_likeness("Der Turm wurde 1889 in Paris gebaut.", answer, 0.7) is None


def test_the_threshold_is_difflibs_ratio():
    # "abcd" and "abcx": 2 * 3 / 8.
    assert by_likeness("abcx", "abcd", 0.75) is not None
    assert by_likeness("abcx", "abcd", 0.76) is None


def test_passages_by_the_sentence():
    text = "She left. He stayed in St. Louis! Why? 3 days passed."
    cut = [text[a:b] for a, b in spans(text)]
    assert cut == ["She left.", "He stayed in St.", "Louis!", "Why?", "3 days passed."]
    keep = (text.index("St. L"), text.index("Louis") + 5)
    kept = [text[a:b] for a, b in spans(text, keep)]
    assert kept == ["She left.", "He stayed in St. Louis!", "Why?", "3 days passed."]


def test_a_sentence_keeps_its_closing_quotes_and_brackets():
    text = 'He said "Stop." Then (as ever.) She left.'
    assert [text[a:b] for a, b in spans(text)] == [
        'He said "Stop."',
        "Then (as ever.)",
        "She left.",
    ]


def test_a_passage_of_one_sentence_or_none():
    assert spans("no end") == [(0, 6)]
    assert spans("") == []
    assert spans("  ") == []


@given(st.text('aA. !?"\n1', max_size=40), st.data())
def test_sentences_are_in_order_and_an_answer_is_in_one(text, data):
    keep = None
    if text.strip():
        start = data.draw(st.integers(0, len(text) - 1))
        keep = (start, data.draw(st.integers(start + 1, len(text))))
    found = spans(text, keep)
    assert all(a < b for a, b in found)
    assert all(found[i][1] <= found[i + 1][0] for i in range(len(found) - 1))
    if keep and text[keep[0] : keep[1]].strip() == text[keep[0] : keep[1]]:
        assert sum(a <= keep[0] and keep[1] <= b for a, b in found) == 1
