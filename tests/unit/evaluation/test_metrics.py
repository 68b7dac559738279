"""The registry against seqeval, scikit-learn and hand counts."""

import json
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics import aggregate, contributions, metric_names, metric_of
from xstilts.evaluation.metrics.methods.mean import Mean

pytestmark = pytest.mark.filterwarnings("ignore:.*seems not to be NE tag", "ignore:.*ill-defined")
UNIVERSAL = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
]  # fmt: skip
ENTITIES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]
ODD = ["O", "B", "I", "S", "E-A", "S-A", "I-A", "B-A-b", "X", ".", "NP"]


def value(metric: str, predictions: list[str], golds: list[str], language: str = "en") -> float:
    return aggregate(metric, contributions(metric, predictions, golds, language))


def joined(sentences: list[list[str]]) -> list[str]:
    return [" ".join(sentence) for sentence in sentences]


@pytest.fixture(scope="module")
def seqeval():
    return pytest.importorskip("seqeval.metrics")


def corpora(tags: list[str]) -> st.SearchStrategy:
    pairs = st.lists(st.tuples(st.sampled_from(tags), st.sampled_from(tags)), max_size=8)
    return st.lists(pairs, min_size=1, max_size=6)


@pytest.mark.parametrize("tags", [UNIVERSAL, ENTITIES, ODD], ids=["pos", "ner", "odd"])
def test_spans_equal_seqeval(tags: list[str], seqeval) -> None:
    @settings(max_examples=200, deadline=None)
    @given(corpora(tags))
    def check(corpus: list[list[tuple[str, str]]]) -> None:
        gold = [[one for one, _ in sentence] for sentence in corpus]
        predicted = [[other for _, other in sentence] for sentence in corpus]
        counts = np.array(contributions("tag_f1", joined(predicted), joined(gold), "en"))
        assert aggregate("tag_f1", counts) == pytest.approx(100 * seqeval.f1_score(gold, predicted))
        found = seqeval.sequence_labeling.get_entities(predicted)
        assert counts[:, 1].sum() == len(found)
        assert aggregate("tag_f1", counts) == value("span_f1", joined(predicted), joined(gold))

    check()


@pytest.mark.parametrize("language", ["English", "Chinese", "Yoruba"])
def test_tagging_of_real_sentences_equals_seqeval(samples, seqeval, language: str) -> None:
    table = pq.read_table(samples / "google__xtreme" / f"udpos.{language}" / "test.parquet")
    gold = [[UNIVERSAL[tag] for tag in tags] for tags in table["pos_tags"].to_pylist()]
    random = np.random.default_rng(5)
    noise = [
        [str(random.choice(UNIVERSAL)) if random.random() < 0.3 else t for t in s] for s in gold
    ]
    expected = 100 * seqeval.f1_score(gold, noise)
    assert value("tag_f1", joined(noise), joined(gold)) == pytest.approx(expected)
    expected = 100 * seqeval.accuracy_score(gold, noise)
    assert value("tag_accuracy", joined(noise), joined(gold)) == pytest.approx(expected)


def test_spans_by_hand() -> None:
    # seqeval's own documented example: F1 0.5.
    gold = ["O O O B-MISC I-MISC I-MISC O", "B-PER I-PER O"]
    predicted = ["O O B-MISC I-MISC I-MISC I-MISC O", "B-PER I-PER O"]
    assert contributions("span_f1", predicted, gold, "en") == [[0, 1, 1], [1, 1, 1]]
    assert value("span_f1", predicted, gold) == 50
    assert value("span_f1", ["O O"], ["O O"]) == 0
    assert contributions("span_f1", [""], [""], "en") == [[0, 0, 0]]


def test_bare_tags_as_seqeval_reads_them() -> None:
    # A run of one tag is one span, and SCONJ for CCONJ is right: both have the type CONJ.
    assert contributions("tag_f1", ["NOUN NOUN VERB"], ["NOUN NOUN VERB"], "en") == [[2, 2, 2]]
    assert contributions("tag_f1", ["SCONJ"], ["CCONJ"], "en") == [[1, 1, 1]]
    assert contributions("tag_accuracy", ["SCONJ"], ["CCONJ"], "en") == [[0, 1, 1]]


def test_tag_accuracy_is_over_words() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    gold, predicted = ["NOUN", "VERB X ADJ"], ["NOUN", "VERB VERB VERB"]
    expected = metrics.accuracy_score(" ".join(gold).split(), " ".join(predicted).split())
    assert value("tag_accuracy", predicted, gold) == pytest.approx(100 * expected) == 50


def test_accuracy_equals_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    gold, predicted = random.choice(["entailment", "neutral"], (2, 50)).tolist()
    expected = 100 * metrics.accuracy_score(gold, predicted)
    for metric in ("accuracy", "retrieval_accuracy"):
        assert value(metric, predicted, gold) == pytest.approx(expected)


def test_mining_equals_f1_of_sets() -> None:
    gold = ["t1", "t2", "", "", "t5"]
    predicted = ["t1", "t9", "t3", "", ""]
    assert contributions("mining_f1", predicted, gold, "de") == [
        [1, 1, 1], [0, 1, 1], [0, 1, 0], [0, 0, 0], [0, 0, 1],
    ]  # fmt: skip
    pairs = [{(s, t) for s, t in enumerate(side) if t} for side in (gold, predicted)]
    precision, recall = (len(pairs[0] & pairs[1]) / len(side) for side in (pairs[1], pairs[0]))
    expected = 200 * precision * recall / (precision + recall)
    assert value("mining_f1", predicted, gold) == pytest.approx(expected)


def test_answers_come_as_json() -> None:
    golds = [json.dumps(["Köln", "die Stadt Köln"]), "[]"]
    assert contributions("answer_f1", ["Köln", ""], golds, "de") == [[1], [1]]
    assert value("mlqa_f1", ["Stadt Köln"], golds[:1], "de") == 100
    assert value("mlqa_f1", ["Stadt Köln"], golds[:1], "en") == pytest.approx(80)
    for wrong in ("Köln", '"Köln"'):
        with pytest.raises(StudyError, match="JSON list"):
            contributions("answer_exact", ["Köln"], [wrong], "de")


def test_nothing_scores_nothing() -> None:
    assert aggregate("accuracy", np.empty((0, 1))) == aggregate("tag_f1", np.empty((0, 3))) == 0
    assert aggregate("tag_f1", np.zeros((4, 3))) == 0
    assert value("mining_f1", ["", ""], ["", ""]) == 0


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(StudyError, match="did you mean 'accuracy'"):
        contributions("accurcy", [], [], "en")
    with pytest.raises(StudyError, match="2 predictions came with 1 gold"):
        contributions("accuracy", ["a", "b"], ["a"], "en")
    with pytest.raises(StudyError, match="Sentence 1 has 2 gold tags but 1"):
        contributions("tag_f1", ["X", "X"], ["X", "X X"], "en")
    with pytest.raises(StudyError, match="takes 3 numbers"):
        aggregate("tag_f1", np.zeros((4, 2)))


def test_the_metrics_of_the_task_sheets() -> None:
    assert set(metric_names()) == {
        "accuracy", "span_f1", "tag_f1", "tag_accuracy", "answer_f1", "answer_exact",
        "mlqa_f1", "mlqa_exact", "mining_f1", "retrieval_accuracy",
        "matthews_correlation", "pearson", "spearman",
    }  # fmt: skip


def test_pairs_are_mined_where_most_sentences_have_none() -> None:
    unanswered = {name for name in metric_names() if metric_of(name).has_unanswered}
    assert unanswered == {"mining_f1"}


def test_starting_up_is_cheap(root) -> None:
    """A training job imports these; each of these libraries would cost it a second or more."""
    code = (
        "import sys; import xstilts.evaluation.metrics, xstilts.kinds.methods.span_decoding; "
        "import xstilts.retrieval.mining; heavy = 'torch sklearn scipy seqeval pandas'; "
        "print([name for name in heavy.split() if name in sys.modules])"
    )
    path = str(root / "workflow" / "scripts")
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_partner_that_papers_print_is_a_mean_like_its_metric() -> None:
    partners = {name: metric_of(name).exact_partner for name in metric_names()}
    assert {name: other for name, other in partners.items() if other} == {
        "answer_f1": "answer_exact", "mlqa_f1": "mlqa_exact",
    }  # fmt: skip
    assert all(isinstance(metric_of(one), Mean) for pair in partners.items() if pair[1]
               for one in pair)  # fmt: skip
