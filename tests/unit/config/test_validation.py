"""Defaults and one sentence per mistake, on a schema of a few lines."""

import pytest

from xstilts.config.validation import read_yaml, validate, with_defaults
from xstilts.core import StudyError
from xstilts.core.errors import nearest

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["study"],
    "properties": {
        "study": {"type": "string", "pattern": "^[a-z]+$", "description": "Its name."},
        "seeds": {"type": "array", "items": {"type": "integer"}, "default": [1]},
        "training": {
            "type": "object",
            "additionalProperties": False,
            "default": {},
            "properties": {
                "rate": {"type": "number", "exclusiveMinimum": 0, "default": 0.1},
                "head": {"enum": ["first", "mean"], "default": "first"},
            },
        },
    },
}


def test_defaults_reach_every_depth():
    assert validate({"study": "a", "training": {"rate": 0.5}}, SCHEMA, "config") == {
        "study": "a",
        "seeds": [1],
        "training": {"rate": 0.5, "head": "first"},
    }


def test_defaults_are_copies():
    given = {"study": "a", "training": {}}
    first = with_defaults(given, SCHEMA)
    first["seeds"].append(2)
    first["training"]["rate"] = 9
    assert given == {"study": "a", "training": {}}
    assert with_defaults(given, SCHEMA)["seeds"] == [1]
    assert with_defaults(given, SCHEMA)["training"]["rate"] == 0.1


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
        validate(value, SCHEMA, "config")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "number"),
    [("1e-5", 1e-5), ("3", 3), ("0.5", 0.5), ("1E+2", 100)],
)
def test_numbers_that_came_as_text_are_read(text, number):
    # So does YAML with 1e-5, and Snakemake with --config 'training={rate: 3}'.
    read = validate({"study": "a", "training": {"rate": text}, "seeds": ["1", "2"]}, SCHEMA, "c")
    assert read["training"]["rate"] == number
    assert read["seeds"] == [1, 2]


def test_text_stays_text_where_text_is_asked_for():
    assert validate({"study": "null"}, SCHEMA, "config")["study"] == "null"


@pytest.mark.parametrize("value", [None, [], "study: a", 3])
def test_what_is_no_mapping_is_refused(value):
    with pytest.raises(StudyError, match="is not of type 'object'"):
        validate(value, SCHEMA, "config")


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
