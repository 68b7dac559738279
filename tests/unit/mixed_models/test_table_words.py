"""Words that pandas takes for missing, and column names that formulaic takes for its own."""

import json

import numpy as np
import pandas as pd
import pytest
from formulaic.transforms import TRANSFORMS

from helpers.mixed_reference import FOLDER
from mixed_models.__main__ import main
from mixed_models.errors import ModelError
from mixed_models.model_frame import Model, prepare
from mixed_models.plain_names import plain_formula
from mixed_models.table_input import is_numeric, read_table

pytestmark = pytest.mark.odd_input

TABLE = pd.read_csv(FOLDER / "dyads.csv")
WORDS = ["--response", "gain", "--random", "intermediate", "target"]
# Levels of an answer, a language (Min Nan), a shelf.
MISSING_WORDS = ["NA", "nan", "None", "null", "N/A", "NULL", "NaN", "n/a", "#N/A", "<NA>"]


@pytest.mark.parametrize("word", MISSING_WORDS)
@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_a_level_of_any_word_stays(word, ending, tmp_path, capsys):
    renamed = TABLE.assign(
        intermediate=TABLE["intermediate"].replace("mnli", word),
        kind=np.where(TABLE["target"].isin(["pos", "ner"]), word, "other"),
    )
    path = tmp_path / f"table.{ending}"
    if ending == "parquet":
        renamed.to_parquet(path)
    else:
        renamed.to_csv(path, sep={"csv": ",", "tsv": "\t"}[ending], index=False)
    assert main([str(path), *WORDS, "--fixed", "similarity + kind"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["dropped_rows"], found["missing"]) == (81, 0, {})
    assert {part["name"]: part["levels"] for part in found["random"]}["intermediate"] == 9
    assert found["references"] == {"kind": min(word, "other")}


@pytest.mark.parametrize("word", [*MISSING_WORDS, ""])
def test_among_numbers_it_is_a_missing_one(word, tmp_path, capsys):
    path = tmp_path / "table.csv"
    gains = TABLE["gain"].astype(object).where(TABLE.index > 4, word)
    TABLE.assign(gain=gains).to_csv(path, index=False)
    assert main([str(path), *WORDS, "--fixed", "similarity"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["missing"]) == (76, {"gain": 5})


def test_an_empty_level_is_missing(tmp_path, capsys):
    path = tmp_path / "table.csv"
    TABLE.assign(intermediate=TABLE["intermediate"].replace("mnli", "")).to_csv(path, index=False)
    assert main([str(path), *WORDS]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == {"intermediate": 9}


def test_truth_values_with_gaps_are_numbers(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c,d\nTRUE,NA,1,nan\nNA,NA,2,\nfalse,NA,x,2\n")
    table = read_table(path)
    assert [is_numeric(table[name]) for name in table] == [True, False, False, True]
    assert table["a"].tolist()[::2] == [True, False]
    assert table["b"].tolist() == ["NA"] * 3


NAMES = [
    *sorted(TRANSFORMS),
    *("sepal.length", "a.b.c", "log.size", "np.log", ".hidden", "x y", "größe", "相似度", "é.1"),
    *("1", "2x", "a+b", "a:b", "a~b", "in", "class", "True", "column0_", "weight (kg)", "'q'"),
    *("a,b", "$x", "[T.x]", "^"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", ["{0}", "{0} + log_size", "np.exp({0})", "log_size * {0}"])
def test_predictors_of_any_name(name, shape):
    plain = Model("gain", shape.format("similarity"), ("intermediate", "target"))
    renamed = Model("gain", shape.format(f"`{name}`"), ("intermediate", "target"))
    expected = prepare(TABLE, plain).design
    found = prepare(TABLE.rename(columns={"similarity": name}), renamed).design
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy())
    terms = [term.replace("`", "") for term in found]
    assert terms == [term.replace("similarity", name) for term in expected]


@pytest.mark.parametrize("name", [*sorted(TRANSFORMS), "sepal.length", "größe", "相似度"])
def test_plain_words_need_no_backticks(name):
    table = TABLE.rename(columns={"similarity": name})
    found = prepare(table, Model("gain", name, ("intermediate", "target")))
    assert list(found.design) == ["Intercept", name]


@pytest.mark.parametrize("name", ["C", "scale", "log", "poly", "np", "I"])
def test_a_function_is_meant_before_a_parenthesis(name):
    table = TABLE.rename(columns={"similarity": name})
    call = {"C": "C(kind)", "np": "np.square(np)", "poly": "poly(poly, 2)"}.get(
        name, f"{name}({name})" if name != "log" else "log(np.abs(log))"
    )
    table["kind"] = np.where(table["target"] == "pos", "a", "b")
    found = prepare(table, Model("gain", call, ("intermediate",)))
    assert found.design.columns[1].startswith(call)


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("sepal.width", "no column 'sepal.width'"),
        ("similarity.abs", "no column 'similarity.abs'"),
        ("scales(similarity)", "a function 'scales' that is not known"),
        ("np.nothing(similarity)", "cannot use the formula 'np.nothing(similarity)'"),
        ("I(target)", ""),
        ("I(target^2)", "cannot use the formula 'I(target^2)'"),
        ("poly(similarity, z=2)", "cannot use the formula 'poly(similarity, z=2)'"),
        ("similarity +* log_size", "cannot use the formula"),
        ("C(intermediate, contr.nothing)", "contr.nothing"),
    ],
)
def test_what_is_wrong_in_a_formula_is_said_in_the_users_words(formula, sentence):
    try:
        prepare(TABLE, Model("gain", formula, ("intermediate", "target")))
    except ModelError as error:
        assert sentence in str(error)
        assert "column0" not in str(error)
        assert "\n" not in str(error)
    else:
        assert sentence == ""


def test_plain_names_are_in_no_other_text():
    found = plain_formula("a.b + kind", ["a.b", "kind"], ["column0_", "columnx"])
    assert found.text == "columnxx0_ + columnxx1_"
    assert found.restored("columnxx1_[T.column0_]") == "kind[T.column0_]"


def test_powers_within_functions_are_those_of_r():
    assert plain_formula("(a + b)^2 + I(a^2)", ["a", "b"]).text == (
        "(column0_ + column1_)^2 + I(column0_**2)"
    )
    quoted = plain_formula('Q("a b") + C(k, contr.treatment("x"))', ["a b", "k", "x"])
    assert quoted.text == 'Q("column0_") + C(column1_, contr.treatment("x"))'
