"""What the demo teaches cannot be had from a word list, one sentence or the training set."""

import functools
import math
from collections import Counter, defaultdict

import pytest

from generated_text import generate
from generated_text.generate import served
from generated_text.lexicon import concepts
from generated_text.reading import readings
from generated_text.sampling import pools

SIZES = {"train": 600, "dev": 300, "test": 60}


@functools.cache
def rows(dataset: str, config: str, split: str, **sizes: int) -> list[dict]:
    return generate(dataset, config, split, seed=1, sizes=SIZES | sizes).to_pylist()


def naive_bayes(train: list[tuple[list[str], int]], dev: list[tuple[list[str], int]]) -> float:
    """Accuracy of a multinomial naive Bayes classifier with add-one smoothing."""
    counts: dict[int, Counter] = defaultdict(Counter)
    labels = Counter(label for _, label in train)
    for words, label in train:
        counts[label].update(set(words))
    size = len({word for counter in counts.values() for word in counter})

    def score(words: list[str], label: int) -> float:
        total = sum(counts[label].values()) + size
        known = sum(math.log((counts[label][word] + 1) / total) for word in set(words))
        return math.log(labels[label]) + known

    hits = sum(max(labels, key=lambda one: score(words, one)) == label for words, label in dev)
    return hits / len(dev)


def words(text: str) -> list[str]:
    return text.lower().replace(".", " ").replace(",", " ").replace("?", " ").split()


NLI = [
    (("nyu-mll/glue", "mnli", "train"), ("nyu-mll/glue", "mnli", "validation_matched")),
    (("stanfordnlp/snli", "plain_text", "train"), ("stanfordnlp/snli", "plain_text", "validation")),
    (("facebook/anli", "plain_text", "train_r1"), ("facebook/anli", "plain_text", "dev_r1")),
]


@pytest.mark.parametrize(("train", "dev"), NLI, ids=lambda key: key[0])
def test_hypotheses_alone_do_not_give_the_label_away(train, dev):
    train_rows, dev_rows = rows(*train, train=1500), rows(*dev, dev=600)
    only = [[(words(r["hypothesis"]), r["label"]) for r in part] for part in (train_rows, dev_rows)]
    assert naive_bayes(*only) < 1 / 3 + 0.08  # standard error of 600 rows: 0.019


@pytest.mark.parametrize(("train", "dev"), NLI, ids=lambda key: key[0])
def test_a_bag_of_words_of_both_sentences_is_of_little_use(train, dev):
    def bag(row: dict) -> list[str]:
        premise = ["p:" + word for word in words(row["premise"])]
        return premise + ["h:" + word for word in words(row["hypothesis"])]

    train_rows, dev_rows = rows(*train, train=1500), rows(*dev, dev=600)
    both = [[(bag(r), r["label"]) for r in part] for part in (train_rows, dev_rows)]
    assert naive_bayes(*both) < 1 / 3 + 0.17


@pytest.mark.parametrize(("train", "dev"), NLI, ids=lambda key: key[0])
def test_no_word_of_the_hypothesis_predicts_a_label(train, dev):
    by_word: dict[str, Counter] = defaultdict(Counter)
    for row in rows(*train, train=1500):
        for word in set(words(row["hypothesis"])):
            by_word[word][row["label"]] += 1
    for word, labels in by_word.items():
        total = sum(labels.values())
        spread = 4 * math.sqrt(2 / 9 / total)  # four standard errors of a share of one third
        assert max(labels.values()) / total < 1 / 3 + max(0.08, spread), word


def test_nli_labels_are_balanced_and_negation_stands_under_each():
    train = rows("nyu-mll/glue", "mnli", "train", train=1500)
    for label, count in Counter(row["label"] for row in train).items():
        assert 0.29 < count / 1500 < 0.38, label
    denied = Counter(row["label"] for row in train if " not " in row["hypothesis"])
    assert max(denied.values()) < 1.35 * min(denied.values())


def test_paraphrases_share_their_words_with_the_others():
    paws = "google-research-datasets/paws-x"
    train, dev = rows(paws, "en", "train", train=2000), rows(paws, "en", "validation", dev=600)
    for row in train:
        assert sorted(words(row["sentence1"])) == sorted(words(row["sentence2"]))
    assert 0.46 < sum(row["label"] for row in train) / 2000 < 0.54
    bags = [[(words(r["sentence1"]), r["label"]) for r in part] for part in (train, dev)]
    assert naive_bayes(*bags) < 0.58
    # Order of the first words, the cheapest cue of all, does not help either.
    starts = [
        [([words(r["sentence1"])[0], words(r["sentence2"])[0]], r["label"]) for r in part]
        for part in (train, dev)
    ]
    assert naive_bayes(*starts) < 0.58


def test_duplicate_questions_are_balanced_and_share_words_with_the_others():
    def overlap(row: dict) -> float:
        first, second = set(words(row["question1"])), set(words(row["question2"]))
        return len(first & second) / len(first | second)

    train = rows("nyu-mll/glue", "qqp", "train", train=1000)
    assert 0.45 < sum(row["label"] for row in train) / 1000 < 0.55
    shared = [[overlap(r) for r in train if r["label"] == label] for label in (0, 1)]
    assert abs(sum(shared[0]) / len(shared[0]) - sum(shared[1]) / len(shared[1])) < 0.2


def test_choices_are_right_equally_often_in_every_place():
    for key, column, places in [
        (("Rowan/hellaswag", "default", "train"), "label", 4),
        (("allenai/cosmos_qa", "default", "train"), "label", 4),
        (("tau/commonsense_qa", "default", "train"), "answerKey", 5),
    ]:
        counts = Counter(row[column] for row in rows(*key, train=1000))
        assert len(counts) == places
        assert all(abs(count / 1000 - 1 / places) < 0.05 for count in counts.values())


def test_none_of_the_above_is_no_cue():
    train = rows("allenai/cosmos_qa", "default", "train", train=1000)
    right = [row[f"answer{row['label']}"] for row in train]
    every = [row[f"answer{number}"] for row in train for number in range(4)]
    assert all(right.count(a) / every.count(a) < 0.9 for a in set(every) if every.count(a) > 40)


def test_half_of_the_questions_of_squad_2_have_no_answer():
    train = rows("rajpurkar/squad_v2", "squad_v2", "train", train=1000)
    empty = sum(not row["answers"]["text"] for row in train)
    assert 0.45 < empty / 1000 < 0.55
    first = Counter((row["question"].split()[0], bool(row["answers"]["text"])) for row in train)
    for word in {word for word, _ in first}:
        if first[word, True] + first[word, False] > 100:
            assert 0.35 < first[word, True] / (first[word, True] + first[word, False]) < 0.65


def test_answers_stand_nowhere_in_particular():
    train = rows("rajpurkar/squad", "plain_text", "train", train=600)
    relative = [row["answers"]["answer_start"][0] / len(row["context"]) for row in train]
    assert 0.3 < sum(relative) / len(relative) < 0.6
    lengths = [len(row["context"].split()) for row in train]
    assert min(lengths) >= 20 and max(lengths) <= 55


def test_facts_of_a_context_share_no_city_day_or_thing_so_that_questions_have_one_answer():
    for task in ("squad", "squad_v2", "mlqa"):
        for reading in readings(task, seed="1", part="train", count=150):
            told = [filler for fact, _ in reading.context for filler in fact.parts]
            named = [filler for slot, filler in told if slot not in ("person", "agent")]
            assert len(set(named)) == len(named)
            if reading.slot is None:
                asked = {f for s, f in reading.question[0].parts if s not in ("person", "agent")}
                assert not asked & set(named)


def test_supertags_are_many_and_no_word_list():
    train = rows("silver/ccg_supertag", "default", "train", train=600)
    kinds = {tag for row in train for tag in row["tags"]}
    assert len(kinds) >= 25
    seen: dict[str, Counter] = defaultdict(Counter)
    for row in train:
        for token, tag in zip(row["tokens"], row["tags"], strict=True):
            seen[token.lower()][tag] += 1
    assert sum(len(tags) > 1 for tags in seen.values()) >= 20
    dev = rows("silver/ccg_supertag", "default", "validation", dev=200)
    assert {tag for row in dev for tag in row["tags"]} <= kinds
    pairs = [p for row in dev for p in zip(row["tokens"], row["tags"], strict=True)]
    right = sum(
        seen[token.lower()].most_common(1)[0][0] == tag if token.lower() in seen else tag == "N"
        for token, tag in pairs
    )
    assert right / len(pairs) < 0.93


SPLIT = [
    (key, (*key[:2], other))
    for key in sorted(served())
    for other in [{"train": "validation"}.get(key[2], key[2].replace("train", "dev"))]
    if served()[key].part == "train" and (*key[:2], other) in served() and key[1] != "tydiqa"
] + [
    (("nyu-mll/glue", "mnli", "train"), ("nyu-mll/glue", "mnli", "validation_matched")),
    (("nyu-mll/glue", "mnli", "train"), ("facebook/xnli", "en", "test")),
    (("nyu-mll/glue", "mnli", "train"), ("facebook/xnli", "en", "validation")),
    (("rajpurkar/squad", "plain_text", "train"), ("google/xtreme", "XQuAD.en", "validation")),
    (("google/xtreme", "udpos.English", "train"), ("google/xtreme", "udpos.English", "test")),
    (("google/xtreme", "PAN-X.en", "train"), ("google/xtreme", "PAN-X.en", "test")),
    (("google/xtreme", "udpos.English", "validation"), ("google/xtreme", "udpos.English", "test")),
]
INPUTS = (
    "premise", "hypothesis", "question1", "question2", "context", "question", "ctx", "sentence1",
    "sentence2", "tokens",
)  # fmt: skip


@pytest.mark.parametrize(("train", "other"), SPLIT, ids=lambda key: "/".join(key))
def test_training_shares_no_example_with_development_and_test(train, other):
    def inputs(table: list[dict]) -> set[str]:
        return {str([row[name] for name in INPUTS if name in row]) for row in table}

    shown = inputs(rows(*train, train=1000))
    assert not shown & inputs(rows(*other, dev=150, test=150))


def test_held_out_words_never_train_and_stand_in_most_test_sentences():
    everything = tuple(concepts()["topics"])
    kept = {c: set(pools(c, everything)[1]) for c in ("people", "cities", "things", "brands")}
    assert all(kept.values())
    names = {name.capitalize() for name in kept["people"] | kept["cities"] | kept["brands"]}
    for config, sizes in (("PAN-X.en", {"train": 800}), ("udpos.English", {"train": 800})):
        train = rows("google/xtreme", config, "train", **sizes)
        assert not names & {token for row in train for token in row["tokens"]}
    test = rows("google/xtreme", "PAN-X.en", "test", test=200)
    assert sum(bool(names & set(row["tokens"])) for row in test) >= 100
