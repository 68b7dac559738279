"""Equal meaning, equal text: checked against SHA-256 of texts written by hand."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.core.canonical import canonical, digest

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


def test_text_is_what_one_would_write_by_hand():
    value = {"b": [1, 2.5, None, True], "a": {"ü": "x"}}
    assert canonical(value) == '{"a":{"ü":"x"},"b":[1,2.5,null,true]}'


def test_digest_is_the_beginning_of_sha256_of_the_text():
    # printf '{"a":1,"b":20}' | sha256sum
    text = '{"a":1,"b":20}'
    assert digest({"b": 20, "a": 1}) == hashlib.sha256(text.encode()).hexdigest()[:12]
    assert digest({"b": 20, "a": 1}) == "41f1c391920c"


def test_the_empty_object_has_the_published_sha256():
    # printf '{}' | sha256sum, a digest that is quoted in many places: 44136fa355b3678a1146...
    assert digest({}) == "44136fa355b3"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"epochs": 20}, {"epochs": 20.0}),
        ([1, 2], (1, 2)),
        ({1: "x"}, {"1": "x"}),
        (0.0, -0.0),
        (1e-5, 0.00001),
    ],
)
def test_equal_settings_are_equal(one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [([1, 2], [2, 1]), (1, "1"), (1, True), (None, "null"), ({}, []), (0.1, 0.1000001)],
)
def test_different_settings_are_different(one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_say_is_refused(number):
    with pytest.raises(ValueError):
        digest({"learning_rate": [number]})


def test_sets_are_refused_as_they_have_no_order():
    with pytest.raises(TypeError):
        digest({"languages": {"en", "sw"}})


@given(json_values)
def test_reading_the_text_back_gives_the_same_text(value):
    import json

    assert canonical(json.loads(canonical(value))) == canonical(value)
