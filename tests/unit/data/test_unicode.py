import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.data.unicode import compose, find_span, raw_places

pytestmark = pytest.mark.odd_input


def test_decomposed_vietnamese_shifts_the_answer():
    context, answer = "Thủ đô của Việt Nam là Hà Nội.", "Hà Nội"
    decomposed = unicodedata.normalize("NFD", context)
    start = decomposed.index(unicodedata.normalize("NFD", answer))
    assert start > context.index(answer)
    found = find_span(decomposed, unicodedata.normalize("NFD", answer), start)
    assert found == (context, answer, context.index(answer))


def test_answer_that_stands_elsewhere_is_found_at_the_nearest_place():
    context = "one two one two one"
    assert find_span(context, "one", 9)[2] == 8
    assert find_span(context, "one", 15)[2] == 16
    assert find_span(context, "one", 500)[2] == 16
    assert find_span(context, "one", -1)[2] == 0
    assert find_span(context, "three", 0)[2] == -1


def test_offset_in_bytes_is_mended():
    context = "Был Пётр в Омске"
    wrong = len("Был Пётр в ".encode())
    assert find_span(context, "Омске", wrong)[2] == context.index("Омске")


@pytest.mark.parametrize("text", ["", "plain", "e\u0301", "\u1100\u1161", "\u09c7\u09be"])
def test_composed_text_is_normal_form_c(text):
    assert unicodedata.is_normalized("NFC", compose(text))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.text(min_size=1, max_size=8), st.text(max_size=30))
def test_answer_cut_out_of_a_context_is_always_found_again(before, answer, after):
    context, found, start = find_span(before + answer + after, answer, len(before))
    if start >= 0:
        assert context[start : start + len(found)] == found == compose(answer)
    else:  # only where the answer melts into its neighbours
        assert compose(answer) not in context


LETTERS = st.sampled_from(
    "ae\u0301\u0323\u0308क\u093cख़\u1100\u1161\u11a8각가\u09c7\u09beẹÅ\u212b中 b\u0344"
)


@pytest.mark.parametrize(
    ("raw", "spans"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("He\u0301!", ["H", "e\u0301", "!"]),  # two become one
        ("\u1100\u1161\u11a8x", ["\u1100\u1161\u11a8", "x"]),  # three jamo, one syllable
        ("\u09c7\u09be.", ["\u09c7\u09be", "."]),  # two vowel signs, neither of them a mark
        ("\u0958b", ["\u0958", "\u0958", "b"]),  # one Hindi letter becomes two
        ("a\u0301\u0323", ["a\u0301\u0323", "a\u0301\u0323"]),  # marks change places
    ],
)
def test_composed_characters_know_what_they_were_made_of(raw, spans):
    begin, end = raw_places(raw)
    assert [raw[a:b] for a, b in zip(begin, end, strict=True)] == spans
    assert len(begin) == len(compose(raw))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=LETTERS, max_size=20) | st.text(max_size=20))
def test_the_pieces_of_a_text_compose_to_the_whole(raw):
    begin, end = raw_places(raw)
    assert len(begin) == len(end) == len(compose(raw))
    assert (begin < end).all() and (np.diff(begin) >= 0).all() and (np.diff(end) >= 0).all()
    pieces = dict.fromkeys(zip(begin.tolist(), end.tolist(), strict=True))
    assert "".join(raw[a:b] for a, b in pieces) == raw
