"""What answers without reading are worth, and when all of them are one, by kind of task."""

import pytest

from xstilts.evaluation.metrics import aggregate, contributions
from xstilts.kinds import kind_names, kind_of


def chance(kind, metric, golds):
    constant = kind_of(kind).constant_answers(golds)
    return aggregate(metric, contributions(metric, constant, golds, "en"))


@pytest.mark.parametrize("kind", ["pair_classification", "text_classification", "multiple_choice"])
@pytest.mark.parametrize("names", [("very good", "bad"), ("[NEG]", "[POS]"), ("NEG", "POS")])
def test_a_label_is_one_answer_however_it_is_spelt(kind, names):
    often, seldom = names
    assert chance(kind, "accuracy", [often] * 7 + [seldom] * 3) == 70


def test_a_tie_goes_to_the_first_by_name():
    assert kind_of("pair_classification").constant_answers(["b", "a"]) == ["a", "a"]


def test_every_word_gets_the_commonest_tag():
    answers = kind_of("tagging").constant_answers(["N O", "O O N", "V"])
    assert answers == ["O O", "O O O", "O"]
    assert chance("tagging", "tag_accuracy", ["N O", "O O N", "V"]) == 50


def test_no_answer_is_what_fits_every_passage():
    assert kind_of("span_qa").constant_answers(['["x"]', "[]"]) == ["", ""]
    assert chance("span_qa", "answer_f1", ['["x"]', "[]"]) == 50


def test_no_correlation_comes_of_a_constant_score():
    assert kind_of("regression").constant_answers(["1", "2.5", "4"]) == ["2.5"] * 3
    for metric in ("pearson", "spearman"):
        assert chance("regression", metric, ["1", "2.5", "4"]) == 0


def test_scores_have_collapsed_where_only_rounding_tells_them_apart():
    kind = kind_of("regression")
    assert len(kind.distinct_answers(["2.61234", "2.61236"])) == 1
    assert len(kind.distinct_answers(["2.61", "2.62"])) == 2


def test_a_head_has_collapsed_where_all_answers_are_one():
    for kind in ("pair_classification", "multiple_choice", "span_qa"):
        assert kind_of(kind).distinct_answers(["a b", "a b"]) == {"a b"}
    assert kind_of("tagging").distinct_answers(["O O", "O N"]) == {"O", "N"}


def test_every_kind_is_whole():
    """A kind that lacks a method cannot be made at all."""
    for name in kind_names():
        kind = kind_of(name)
        assert kind.text_parts
        assert kind.prepared_columns().names[:4] == [
            "example_id", "language", "input_ids", "second",
        ]  # fmt: skip
        assert kind.is_trained == hasattr(kind, "loss")
