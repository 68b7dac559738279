import numpy as np
import pandas as pd
import pytest

from helpers.mixed_reference import FITS, FOLDER, NAMES, read
from mixed_models.errors import ModelError
from mixed_models.report import Model, report

SMALL = [one for one in FITS if one["table"] != "crossed_large"]


def model(one: dict) -> Model:
    return Model("gain", one["fixed"], tuple(one["random"]), tuple(one["slope"]), one["reml"])


def in_words_of_r(term: str) -> str:
    return term.replace("Intercept", "(Intercept)").replace("[T.", "").replace("]", "")


@pytest.mark.parametrize("one", SMALL, ids=[name for name in NAMES if "large" not in name])
def test_the_report_is_that_of_r(one):
    found = report(pd.read_csv(FOLDER / f"{one['table']}.csv"), model(one))
    assert found["loglik"] == pytest.approx(one["loglik"], abs=1e-4)
    assert found["n"] == one["n"]
    assert found["dropped_rows"] == len(pd.read_csv(FOLDER / f"{one['table']}.csv")) - one["n"]
    fixed = pd.DataFrame(found["fixed"]).set_index("term").rename(index=in_words_of_r)
    assert set(fixed.index) == set(one["terms"])
    fixed = fixed.loc[one["terms"]]
    for ours, theirs in {"se": "standard_error", "df_satterthwaite": "df_satterthwaite"}.items():
        np.testing.assert_allclose(fixed[ours], one[theirs], rtol=1e-4)
    distance = np.abs(fixed["estimate"] - one["estimate"]) / one["standard_error"]
    assert distance.max() < 1e-4
    method = "kenward_roger" if one["reml"] else "satterthwaite"
    np.testing.assert_allclose(fixed["p"], one[f"p_{method}"], rtol=1e-3)
    variances = {part["name"]: part["variance"] for part in found["random"]}
    scale = one["residual_variance"]
    assert found["residual_variance"] == pytest.approx(scale, rel=1e-4)
    assert variances == pytest.approx(one["variances"], abs=1e-4 * scale)


def test_statsmodels_agrees_from_a_start_of_its_own():
    one = next(one for one in FITS if one["table"] == "missing_dyads")
    engines = report(read(one), model(one))["engines"]
    assert engines["accepted"] is True
    assert 0 < abs(engines["difference"]) < 1e-6
    assert engines["estimates_apart"] < 1e-3
    assert "agrees" in engines["note"]


def test_the_size_that_statsmodels_is_spared_is_said(monkeypatch):
    monkeypatch.setattr("mixed_models.engines.LARGEST", 10)
    engines = report(read(FITS[0]), model(FITS[0]))["engines"]
    assert engines["accepted"] is None
    assert engines["note"].startswith("statsmodels was not run")


def test_a_failure_of_statsmodels_is_said(monkeypatch):
    def broken(*_):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("mixed_models.engines._statsmodels", broken)
    engines = report(read(FITS[0]), model(FITS[0]))["engines"]
    assert engines["note"] == "statsmodels failed (LinAlgError); the exact fit is reported."


def plain() -> tuple[pd.DataFrame, Model]:
    one = next(one for one in FITS if one["table"] == "crossed_small" and one["reml"])
    return read(one), Model("gain", "similarity", ("intermediate:target", "language"))


def test_columns_of_any_name():
    table, simple = plain()
    expected = report(table, simple)
    names = {
        "gain": "gain in points",
        "similarity": "text similarity (cosine)",
        "intermediate": "source task",
        "target": "target task",
        "language": "iso:639",
    }
    found = report(
        table.rename(columns=names),
        Model(
            "gain in points",
            "`text similarity (cosine)`",
            ("source task:target task", "iso:639"),
        ),
    )
    assert found["loglik"] == pytest.approx(expected["loglik"], abs=1e-9)
    assert found["fixed"][1]["term"] == "text similarity (cosine)"
    assert found["fixed"][1]["p"] == pytest.approx(expected["fixed"][1]["p"])


def test_formulas_mean_what_they_mean_in_r():
    table, simple = plain()
    table["flag"] = table["low_resource"] > 0
    table["kind"] = pd.Categorical(
        np.where(table["flag"], "many", "few"), categories=["many", "few"]
    )

    def terms(fixed: str) -> dict[str, float]:
        fitted = report(table, Model("gain", fixed, simple.random))["fixed"]
        return {row["term"]: row["estimate"] for row in fitted}

    flag, kind, without = terms("flag"), terms("kind"), terms("0 + kind")
    assert list(kind) == ["Intercept", "kind[T.many]"]
    assert kind["kind[T.many]"] == pytest.approx(flag["flag"])
    assert list(without) == ["kind[few]", "kind[many]"]
    assert without["kind[many]"] == pytest.approx(kind["Intercept"] + kind["kind[T.many]"])
    curve = terms("poly(similarity, 2)")
    assert list(curve) == ["Intercept", "poly(similarity, 2)[1]", "poly(similarity, 2)[2]"]
    squares = terms("np.square(similarity) + I(similarity)")
    assert set(squares) == {"Intercept", "np.square(similarity)", "I(similarity)"}
    assert report(table, Model("gain", "kind", simple.random))["references"] == {"kind": "few"}


def test_incomplete_rows_are_left_out_and_counted():
    table, simple = plain()
    table["similarity"] = table["similarity"].astype("Float64")
    table.loc[[0, 1], "similarity"] = pd.NA
    table.loc[[1, 2], "gain"] = np.nan
    table.loc[5, "language"] = None
    found = report(table, simple)
    assert (found["n"], found["dropped_rows"]) == (len(table) - 4, 4)
    assert found["missing"] == {"similarity": 2, "gain": 2, "language": 1}
    rest = table.drop(index=[0, 1, 2, 5])
    assert found["loglik"] == pytest.approx(report(rest, simple)["loglik"])


MISTAKES = {
    "unknown response": (lambda t: None, {"response": "gian"}, "no column 'gian'; did you mean"),
    "unknown predictor": (lambda t: None, {"fixed": "similarty"}, "did you mean 'similarity'"),
    "unknown factor": (lambda t: None, {"random": ("langage",)}, "did you mean 'language'"),
    "unknown slope": (lambda t: None, {"slopes": ("low|language",)}, "no column 'low'"),
    "intercept as slope": (lambda t: None, {"slopes": ("1|language",)}, "with --random"),
    "a column called Intercept": (
        lambda t: t.insert(0, "Intercept", t["similarity"]),
        {"fixed": "Intercept"},
        "rename it",
    ),
    "response among the predictors, in a function": (
        lambda t: t.__setitem__("gain", [np.nan, *t["gain"][1:]]),
        {"fixed": "poly(gain, 1)"},
        "without residual",
    ),
    "slope without a bar": (lambda t: None, {"slopes": ("similarity",)}, "must read 'covariate|"),
    "bad formula": (lambda t: None, {"fixed": "similarity +"}, "cannot use the formula"),
    "blanks without backticks": (lambda t: None, {"fixed": "a b"}, "Missing operator"),
    "unknown function": (
        lambda t: None,
        {"fixed": "foo(similarity)"},
        "a function 'foo'",
    ),
    "left-hand side": (lambda t: None, {"fixed": "gain ~ similarity"}, "only what follows '~'"),
    "random term in formula": (lambda t: None, {"fixed": "(1|language)"}, "with --random"),
    "no random effects": (lambda t: None, {"random": ()}, "at least one factor with --random"),
    "a term twice": (lambda t: None, {"random": ("language", "language")}, "named twice"),
    "constant predictor": (
        lambda t: t.insert(0, "c", 3.5),
        {"fixed": "similarity + c"},
        "'c' is constant (always '3.5'",
    ),
    "constant text": (lambda t: t.insert(0, "c", "x"), {"fixed": "c"}, "'c' is constant"),
    "constant slope": (lambda t: t.insert(0, "c", 1), {"slopes": ("c|language",)}, "constant"),
    "constant response": (lambda t: t.__setitem__("gain", 1.0), {}, "nothing to explain"),
    "collinear": (
        lambda t: t.insert(0, "c", 2 * t["similarity"] - t["low_resource"] + 1e5),
        {"fixed": "similarity + low_resource + c"},
        "'c' is a combination of 'Intercept' and 'similarity' and 'low_resource'",
    ),
    "empty combination": (
        lambda t: t.insert(0, "c", np.where(t["target"] == "ner", "a", "b")),
        {"fixed": "c * target", "random": ("language",)},
        "no row has this combination",
    ),
    "too many levels": (
        lambda t: t.insert(0, "c", [f"r{i}" for i in range(len(t))]),
        {"fixed": "c"},
        "'c' is text with 396 levels",
    ),
    "one level": (lambda t: t.insert(0, "c", "x"), {"random": ("c",)}, "'c' has a single level"),
    "slope of unsaid intercept": (
        lambda t: None,
        {"slopes": ("similarity + low_resource|language",)},
        "'1 + similarity + low_resource|language' or '0 + ",
    ),
    "correlated effects for all rows": (
        lambda t: t.insert(0, "c", np.arange(len(t)) // 2),
        {"slopes": ("1 + similarity|c",)},
        "'1 + similarity|c' has 396 random effects for 396 rows",
    ),
    "intercept given twice": (
        lambda t: None,
        {"random": ("language", "target/language", "target:language")},
        "named twice",
    ),
    "weight of zero": (
        lambda t: t.insert(0, "w", np.arange(len(t)) % 3),
        {"weights": "w"},
        "132 weights are not positive",
    ),
    "weights of text": (lambda t: None, {"weights": "target"}, "must hold numbers"),
    "no smaller model": (
        lambda t: None,
        {"against": "low_resource"},
        "'low_resource' is no smaller case of 'similarity'",
    ),
    "a level for each row": (
        lambda t: None,
        {"random": ("intermediate:target:language",)},
        "a level of its own for each of the 396 rows",
    ),
    "same groups twice": (
        lambda t: t.insert(0, "c", t["language"] + "!"),
        {"random": ("language", "c")},
        "group the rows in the same way",
    ),
    "all missing": (lambda t: t.__setitem__("gain", np.nan), {}, "396 rows lack 'gain'"),
    "text response": (
        lambda t: t.__setitem__("gain", ["-", *t["gain"].astype(str)[1:]]),
        {},
        "its row 1 holds '-'",
    ),
    "infinite response": (
        lambda t: t.__setitem__("gain", [0.0, np.inf, *t["gain"][2:]]),
        {},
        "infinite values (1, the first in row 2)",
    ),
    "infinite predictor": (
        lambda t: t.insert(0, "c", [0.0, -np.inf, *t["gain"][2:]]),
        {"fixed": "c"},
        "infinite values",
    ),
    "logarithm of a negative": (
        lambda t: None,
        {"fixed": "np.log(similarity)"},
        "'np.log(similarity)' is not finite in",
    ),
    "explained": (lambda t: None, {"fixed": "gain"}, "without residual"),
}


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_one_sentence(mistake):
    change, words, sentence = MISTAKES[mistake]
    table, simple = plain()
    change(table)
    asked = {"response": "gain", "fixed": "similarity", "random": simple.random} | words
    with pytest.raises(ModelError) as raised:
        report(table, Model(**asked))
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
