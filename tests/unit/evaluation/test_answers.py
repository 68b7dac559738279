"""Answer scores against published examples, hand counts and scripts' published behaviour."""

import pytest

from xstilts.evaluation.answers import answer_exact, answer_f1, mlqa_exact, mlqa_f1


@pytest.mark.parametrize(
    ("prediction", "golds", "f1", "exact"),
    [
        # The metric cards of SQuAD and SQuAD v2 in the library evaluate.
        ("1976", ["1976"], 1, 1),
        ("Beyonce", ["Beyoncé and Bruno Mars"], 0, 0),
        ("climate change", ["climate change"], 1, 1),
        # By hand: articles, case and punctuation go; {denver broncos} of {denver broncos 2015}.
        ("The Denver Broncos!", ["denver broncos"], 1, 1),
        ("Denver Broncos 2015", ["Denver Broncos"], 2 * 2 / 5, 0),
        ("a cat sat", ["dog", "cat slept", "the cat sat down"], 2 * 2 / 5, 0),
        # A repeated word counts as often as both have it: 1 common of 2 and 3.
        ("very well", ["very very very"], 2 * 1 / 5, 0),
        ("", ["something"], 0, 0),
        # The article is a word only between borders.
        ("theatre", ["atre"], 0, 0),
        # SQuAD's normalisation knows ASCII punctuation only, in whatever language.
        ("北京。", ["北京"], 0, 0),
        ("Straße 5", ["straße 5"], 1, 1),
    ],
)
def test_squad(prediction: str, golds: list[str], f1: float, exact: float) -> None:
    assert answer_f1(prediction, golds, "en") == pytest.approx(f1)
    assert answer_exact(prediction, golds, "en") == exact


@pytest.mark.parametrize(
    ("prediction", "golds", "score"),
    [("", [], 1), ("Paris", [], 0), ("the", [], 1), ("", ["..."], 1), ("", ["...", "Paris"], 0)],
)
def test_no_answer_as_squad_v2(prediction: str, golds: list[str], score: float) -> None:
    """evaluate-v2.0.py drops gold answers without a word; none left means no answer."""
    assert answer_f1(prediction, golds, "en") == score
    assert answer_exact(prediction, golds, "en") == score


@pytest.mark.parametrize(
    ("language", "prediction", "golds", "f1", "exact"),
    [
        # Each row counted by hand from MLQA's rules, and equal to its published script's output.
        ("en", "The U.S. Army—an 'elite' force", ["US Army elite force", "the army"], 0.75, 0),
        ("es", "La Torre de Madrid, ¿verdad?", ["torre de Madrid", "una torre"], 6 / 7, 0),
        ("de", "in der Stadt «Köln»", ["Köln", "die Stadt Köln"], 0.8, 0),
        ("vi", "những người của Hà Nội", ["người Hà Nội"], 1, 1),
        ("ar", "في المدينة القديمة،", ["المدينة القديمة", "مدينة"], 0.8, 0),
        ("hi", "दिल्ली, भारत।", ["भारत", "दिल्ली भारत"], 1, 1),
        # Chinese characters are words; Latin words and numbers stay whole.
        ("zh", "北京大学（Peking University）", ["北京的大学", "Peking University 北京"], 0.8, 0),
        ("zh", "2008年8月8日", ["2008年8月"], 0.8, 0),
        ("zh", "北京", ["北 京。"], 1, 1),
        # Not MLQA's: blanks cut the words, nothing is an article.
        ("sw", "mji wa Nairobi.", ["Nairobi"], 0.5, 0),
    ],
)
def test_mlqa(language: str, prediction: str, golds: list[str], f1: float, exact: float) -> None:
    assert mlqa_f1(prediction, golds, language) == pytest.approx(f1)
    assert mlqa_exact(prediction, golds, language) == exact


def test_mlqa_empty_prediction_scores_nothing() -> None:
    assert mlqa_f1("", ["北京"], "zh") == 0
    assert mlqa_exact("", ["北京"], "zh") == 0
    assert mlqa_f1("", [], "en") == 0


def test_languages_differ_where_the_metrics_do() -> None:
    assert mlqa_exact("die Stadt", ["Stadt"], "de") == 1
    assert mlqa_exact("die Stadt", ["Stadt"], "en") == 0
    assert mlqa_exact("北京。", ["北京"], "zh") == 1
    assert answer_exact("北京。", ["北京"], "zh") == 0


# Answers of the mock submission in XTREME's repository (mock_test_data/mlqa), for whose average
# over languages its evaluate_test.py gives F1 81.76870748299321 and exact match 57.142857142857146.
XTREME_MOCK = {
    "ar": [("الطرق الترابية", "الطرق الترابية"), ("شمال شرق", "شمال شرق")],
    "de": [("3050 und 3350", "3050 und 3350 Meter")],
    "en": [("had sustained skin,", "had sustained skin, liver, and respiratory injuries")],
    "es": [
        (
            "unas estructuras en",
            "unas estructuras en forma de abanico que seguían un patrón de hojas, lenguas y "
            "lóbulos",
        )
    ],
    "hi": [("उत्तर पूर्व", "उत्तर पूर्व")],
    "vi": [("Đài Loan", "Đài Loan"), ("Khách Gia", "Khách Gia")],
    "zh": [("电化电池", "电化电池")],
}


def test_mlqa_gives_the_averages_of_xtremes_own_test() -> None:
    for score, expected in ((mlqa_f1, 81.76870748299321), (mlqa_exact, 57.142857142857146)):
        by_language = [
            sum(score(predicted, [gold], language) for predicted, gold in pairs) / len(pairs)
            for language, pairs in XTREME_MOCK.items()
        ]
        assert 100 * sum(by_language) / len(by_language) == pytest.approx(expected, abs=1e-9)
