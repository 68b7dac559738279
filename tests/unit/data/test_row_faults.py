import pytest

from xstilts.data import examples
from xstilts.data.labels import indexer
from xstilts.data.row_faults import Faults, RowError

pytestmark = pytest.mark.odd_input
ANY = indexer(["X", "Y"], None)


def reason(make, row, label=ANY):
    with pytest.raises(RowError) as caught:
        make({"example_id": "1"} | row, label)
    return caught.value.reason


def question(**more):
    row = {"question": "q?", "context": "a b c", "answers": ["b"], "answer_start": [2]}
    return row | more


def test_faults_of_questions():
    assert reason(examples.question, question(answers=["z"])) == "answer not in context"
    assert reason(examples.question, question(context=None)) == "null"
    assert reason(examples.question, question(answers=[" "])) == "empty answer"
    assert reason(examples.question, question(answer_start=[])) == (
        "not as many answer starts as answers"
    )
    assert reason(examples.question, question(answers=None)) == "null"


def test_question_without_an_answer_is_no_fault():
    made = examples.question({"example_id": "1"} | question(answers=[], answer_start=[]))
    assert (made.answers, made.start, made.end) == ((), -1, -1)


def test_first_answer_is_the_one_to_learn_and_all_are_kept():
    made = examples.question(
        {"example_id": "1"} | question(answers=["c", "b c"], answer_start=[4, 2])
    )
    assert made.context[made.start : made.end] == "c"
    assert made.answers == ("c", "b c")


def test_faults_of_tagged_sentences():
    label = indexer(["X", "Y"], None)
    sentence = {"tokens": ["a", "b"], "tags": [0, 1]}
    assert examples.tagged({"example_id": "1"} | sentence, label).labels == (0, 1)
    assert reason(examples.tagged, sentence | {"tags": [0]}, label) == "not as many tags as tokens"
    assert reason(examples.tagged, sentence | {"tags": [0, 2]}, label) == "label out of range"
    assert reason(examples.tagged, sentence | {"tags": [0, None]}, label) == "no label"
    assert reason(examples.tagged, sentence | {"tokens": ["a", None]}) == "null"
    assert reason(examples.tagged, {"tokens": [], "tags": []}, label) == "no words"


def test_label_is_looked_up_by_name_or_index():
    label = indexer(["no", "yes"], None)
    assert [label(value) for value in (0, 1, "no", "yes")] == [0, 1, 0, 1]
    for value in (-1, None, ""):
        with pytest.raises(RowError, match="no label"):
            label(value)
    for value, wrong in ((2, "label out of range"), ("perhaps", "unknown label")):
        with pytest.raises(RowError, match=wrong):
            label(value)


def test_integers_follow_the_file_when_its_own_order_differs():
    label = indexer(
        ["entailment", "neutral", "contradiction"], ["contradiction", "entailment", "neutral"]
    )
    assert [label(value) for value in (0, 1, 2)] == [2, 0, 1]
    assert indexer(["different", "paraphrase"], ["0", "1"])(1) == 1


def test_choice_beyond_the_endings():
    row = {"context": "c", "endings": ["x", "y"], "label": 2}
    assert reason(examples.choice, row, indexer(["0", "1", "2"], None)) == "label out of range"


def test_the_published_column_is_named():
    faults = Faults("squad_v1 train en")
    faults.add(
        RowError("null", field="answers"), "row 1 of o/n c train", {"answers": "answers.text"}
    )
    assert faults.counts == {"null in column 'answers.text'": 1}


def test_faults_are_counted_and_the_first_is_named():
    faults = Faults("mnli train en")
    for row in (4, 9):
        faults.add(RowError("no label", "label -1"), f"row {row} of o/n c train")
    assert faults.sentences() == [
        "mnli train en: 2 of 2 rows left out, no label (first: row 4 of o/n c train, label -1)."
    ]
