import numpy as np
import pytest
from scipy import stats

from helpers.mixed_reference import FITS, NAMES, design, random_terms, read, refit
from mixed_models.denominator_df import kenward_roger, satterthwaite
from mixed_models.errors import ModelError
from mixed_models.fit import fit

KENWARD_ROGER = [one for one in FITS if one["kenward_roger"]]


@pytest.mark.parametrize("one", KENWARD_ROGER, ids=[one["table"] for one in KENWARD_ROGER])
def test_pbkrtest_finds_the_same(one):
    found = refit(one)
    tests = [kenward_roger(found, unit) for unit in np.eye(len(found.beta))]
    for ours, theirs in (
        ("standard_error", "se_kenward_roger"),
        ("df", "df_kenward_roger"),
        ("p", "p_kenward_roger"),
    ):
        np.testing.assert_allclose([getattr(test, ours) for test in tests], one[theirs], rtol=1e-5)


@pytest.mark.parametrize("one", FITS, ids=NAMES)
def test_lmertest_finds_the_same(one):
    found = refit(one)
    tests = [satterthwaite(found, unit) for unit in np.eye(len(found.beta))]
    np.testing.assert_allclose([test.df for test in tests], one["df_satterthwaite"], rtol=1e-4)
    np.testing.assert_allclose([test.p for test in tests], one["p_satterthwaite"], rtol=1e-4)


@pytest.mark.parametrize("method", [kenward_roger, satterthwaite])
def test_without_random_terms_it_is_the_t_test_of_least_squares(method):
    table = read(FITS[0])
    table = table[table["target"] == "ner"]
    columns = np.column_stack([np.ones(9), table["similarity"]])
    found = method(fit(table["gain"], columns, []), np.array([0.0, 1.0]))
    expected = stats.linregress(table["similarity"], table["gain"])
    assert found.df == pytest.approx(7)
    assert found.standard_error == pytest.approx(expected.stderr)
    assert found.p == pytest.approx(expected.pvalue)
    reach = stats.t.ppf(0.975, 7) * expected.stderr
    assert (found.low, found.high) == pytest.approx(
        (expected.slope - reach, expected.slope + reach)
    )


def test_a_contrast_is_the_coefficient_of_a_recoded_model():
    one = next(one for one in FITS if one["table"] == "crossed_small" and one["reml"])
    table = read(one)
    columns = design(table, one)
    # b1 - b2 is the first coefficient when x2 becomes x1 + x2.
    recoded = columns.copy()
    recoded[:, 2] += columns[:, 1]
    terms = random_terms(table, one)
    by_contrast = kenward_roger(refit(one), np.array([0.0, 1.0, -1.0, 0.0]))
    by_recoding = kenward_roger(fit(table["gain"], recoded, terms), np.array([0.0, 1.0, 0.0, 0.0]))
    assert by_contrast.df == pytest.approx(by_recoding.df, rel=1e-4)
    assert by_contrast.p == pytest.approx(by_recoding.p, rel=1e-4)


def test_kenward_roger_refuses_maximum_likelihood():
    one = next(one for one in FITS if not one["reml"])
    with pytest.raises(ModelError, match="REML"):
        kenward_roger(refit(one), np.eye(3)[1])
