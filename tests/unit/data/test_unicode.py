import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.data.unicode import compose, find_span


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
