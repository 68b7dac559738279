"""Defaults and one sentence per mistake, on a section of a few keys."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from xstilts.config.schema import fields
from xstilts.config.validation import read_yaml, validate
from xstilts.core import StudyError
from xstilts.core.errors import nearest


class Training(fields.Section):
    """How it is trained."""

    rate: fields.Number = Field(0.1, gt=0)
    head: Literal["first", "mean"] = "first"
    early: fields.Truth = False


class Own(fields.Overrides):
    """What goes before it."""

    rate: fields.Number = fields.absent(gt=0)
    cap: fields.WholeNumber | None = fields.absent(ge=1)


class Toy(fields.Section):
    """A few keys."""

    study: fields.Text = Field(pattern="^[a-z]+$")
    """Its name."""
    seeds: fields.Distinct[fields.WholeNumber] = Field([1])
    languages: Literal["all"] | Annotated[fields.Distinct[fields.Text], Field(min_length=1)] = "all"
    training: Training = Training()
    own: dict[str, Own] = Field({})
    named: dict[str, fields.Name] | None = None


def test_defaults_reach_every_depth():
    assert validate({"study": "a", "training": {"rate": 0.5}}, Toy, "config") == {
        "study": "a",
        "seeds": [1],
        "languages": "all",
        "training": {"rate": 0.5, "head": "first", "early": False},
        "own": {},
        "named": None,
    }


def test_defaults_are_copies():
    given = {"study": "a", "training": {}}
    first = validate(given, Toy, "config")
    first["seeds"].append(2)
    first["training"]["rate"] = 9
    assert given == {"study": "a", "training": {}}
    assert validate(given, Toy, "config")["seeds"] == [1]
    assert validate(given, Toy, "config")["training"]["rate"] == 0.1


def test_overrides_say_nothing_of_what_is_left_out():
    own = {"x": {"rate": 1}, "y": {"cap": None}, "z": {}}
    assert validate({"study": "a", "own": own}, Toy, "config")["own"] == own
    with pytest.raises(StudyError, match=r"key 'own\.x\.rate': None is not of type 'number'"):
        validate({"study": "a", "own": {"x": {"rate": None}}}, Toy, "config")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"languages": []}, "config, key 'languages': [] should be non-empty; see config/README"),
        ({"languages": "sw"}, "config, key 'languages': 'sw' is not of type 'array'; see config"),
        ({"languages": ["sw", 3]}, "config, key 'languages.1': 3 is not of type 'string'; see"),
        ({"languages": True}, "config, key 'languages': YAML reads"),
        ({"seeds": [1, 1]}, "config, key 'seeds': [1, 1] has non-unique elements; see config"),
        ({"seeds": [True]}, "config, key 'seeds.0': True is not of type 'integer'; see config"),
        ({"training": []}, "config, key 'training': [] is not of type 'object'; How it is tr"),
        ({"named": {"a": ""}}, "config, key 'named.a': '' should be non-empty; see config"),
        ({"own": {"x": {"cap": 0}}}, "config, key 'own.x.cap': 0 is less than the minimum of 1"),
        ({"own": {"x": {"kap": 1}}}, "config: unknown key 'kap' in 'own.x'; did you mean 'cap'?"),
        ({"own": {1: {}}}, "config: the key 1 in 'own' is no text (YAML reads no, off, yes and"),
    ],
)
def test_a_mistake_of_any_form_is_one_sentence(value, sentence):
    with pytest.raises(StudyError) as caught:
        validate({"study": "a", **value}, Toy, "config")
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"study": "a", "seed": [1]}, "config: unknown key 'seed'; did you mean 'seeds'?"),
        (
            {"study": "a", "training": {"hed": "mean"}},
            "config: unknown key 'hed' in 'training'; did you mean 'head'?",
        ),
        ({}, "config: the key 'study' is missing; add it (see config/README.md)."),
        (
            {"study": "a", "training": {"head": "meen"}},
            "config, key 'training.head': 'meen' is not possible; did you mean 'mean'?",
        ),
        ({"study": "A"}, "config, key 'study': 'A' does not match '^[a-z]+$'; Its name."),
        (
            {"study": "a", "training": {"rate": "fast"}},
            "config, key 'training.rate': 'fast' is not of type 'number'; see config/README.md",
        ),
        (
            {"study": "a", "training": {"rate": float("nan")}},
            "config, key 'training.rate': nan is no usable number; write a finite one.",
        ),
        (
            {"study": "a", "training": {"rate": float("inf")}},
            "config, key 'training.rate': inf is no usable number; write a finite one.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(value, sentence):
    with pytest.raises(StudyError) as caught:
        validate(value, Toy, "config")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e-5", 1e-5), ("3", 3), ("0.5", 0.5), ("1E+2", 100)],
)
def test_numbers_that_came_as_text_are_read(text, number):
    # So does YAML with 1e-5, and Snakemake with --config 'training={rate: 3}'.
    read = validate({"study": "a", "training": {"rate": text}, "seeds": ["1", "2"]}, Toy, "c")
    assert read["training"]["rate"] == number
    assert read["seeds"] == [1, 2]


def test_text_stays_text_where_text_is_asked_for():
    assert validate({"study": "null"}, Toy, "config")["study"] == "null"


@pytest.mark.parametrize("value", [None, [], "study: a", 3])
def test_what_is_no_mapping_is_refused(value):
    with pytest.raises(StudyError, match="is not of type 'object'"):
        validate(value, Toy, "config")


def test_nearest_names_one_or_lists_all():
    assert nearest("mnlii", ["mnli", "qqp"]) == "did you mean 'mnli'?"
    assert nearest("zzz", ["qqp", "mnli"]) == "choose one of: mnli, qqp."


def test_yaml_that_is_missing_or_broken_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"none\.yaml does not exist"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "broken.yaml").write_text("a: [1\nb: 2")
    with pytest.raises(StudyError, match=r"broken\.yaml is not valid YAML: .*line 2"):
        read_yaml(tmp_path / "broken.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\xff")
    with pytest.raises(StudyError, match=r"latin\.yaml is not valid YAML"):
        read_yaml(tmp_path / "latin.yaml")
