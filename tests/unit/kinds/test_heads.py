"""Every kind's loss and answers against a slow computation that takes one example at a time."""

import json

import numpy as np
import pytest
import torch

from helpers.slow import average, cross_entropy, linear, pooled, states_of
from helpers.workshop import HIDDEN, KINDS
from xstilts.encoders.load import load_encoder
from xstilts.encoders.pooling import Pooled, segments
from xstilts.kinds import kind_of
from xstilts.kinds.methods.word_positions import words_of
from xstilts.kinds.span_qa import IMPOSSIBLE

CPU = torch.device("cpu")
TOLERANCE = {"rel": 2e-5, "abs": 1e-5}


@pytest.fixture
def ready(workshop):
    """`ready(kind, how, **rows)`: inputs, encoder, kind, head and all units of a training set."""

    def make(kind, how="segments", **rows):
        workshop.trained("task", kind, count=14, **rows)
        inputs, module = workshop.inputs("task", "train"), kind_of(kind)
        torch.manual_seed(4)
        head = module.build_head(HIDDEN, KINDS[kind][1] or [], how, 0.0)
        return inputs, load_encoder(workshop.encoder), module, head, module.training_units(inputs)

    return make


def loss_of(ready, chosen):
    inputs, encoder, kind, head, units = ready
    with torch.no_grad():
        states = inputs.states(units.sequences(chosen), encoder, CPU)
        return kind.loss(head, states, inputs, chosen).item()


@pytest.mark.parametrize("how", ["segments", "mean", "first"])
def test_pair_classification(ready, how):
    made = inputs, encoder, _, head, _ = ready("pair_classification", how)
    rows = inputs.split.table.to_pylist()
    slow = {}
    for number, row in enumerate(rows):
        vector = pooled(states_of(inputs, number, encoder), row["second"][0], how)
        slow[number] = cross_entropy(linear(head.linear, vector), row["label"])
    for chosen in ([3], [5, 2, 11], list(range(14))):
        expected = np.mean([slow[number] for number in chosen])
        assert loss_of(made, np.array(chosen)) == pytest.approx(expected, **TOLERANCE)


def test_multiple_choice(ready):
    made = inputs, encoder, kind, head, units = ready("multiple_choice")
    slow, best = [], []
    sequence = 0
    for row in inputs.split.table.to_pylist():
        logits = []
        for second in row["second"]:
            vector = pooled(states_of(inputs, sequence, encoder), second, "segments")
            logits.append(linear(head.linear, vector)[0])
            sequence += 1
        slow.append(cross_entropy(logits, row["label"]))
        best.append(int(np.argmax(logits)))
    chosen = np.array([9, 0, 4])
    assert loss_of(made, chosen) == pytest.approx(np.mean([slow[i] for i in chosen]), **TOLERANCE)
    states = inputs.states(units.sequences(chosen), encoder, CPU)
    assert kind.outputs(head, states, inputs, chosen) == [best[i] for i in chosen]


def test_questions_may_differ_in_their_number_of_choices(workshop):
    from helpers import rows

    table = rows.choices(4, 1, number_of=3) + rows.choices(4, 2, number_of=2, language="two")
    workshop.prepare("task", "multiple_choice", {"train": table}, ["0", "1", "2"])
    inputs, kind = workshop.inputs("task", "train"), kind_of("multiple_choice")
    encoder, units = load_encoder(workshop.encoder), kind.training_units(inputs)
    assert units.count.tolist() == [3, 3, 3, 3, 2, 2, 2, 2]
    torch.manual_seed(4)
    head = kind.build_head(HIDDEN, ["0", "1", "2"], "segments", 0.0)
    slow, best = [], []
    for number, row in enumerate(table):
        logits = [
            linear(head.linear, pooled(states_of(inputs, sequence, encoder), second, "segments"))[0]
            for sequence, second in zip(units.sequences([number]), row["second"], strict=True)
        ]
        slow.append(cross_entropy(logits, row["label"]))
        best.append(int(np.argmax(logits)))
    for chosen in (np.array([1, 6, 0, 4]), np.array([5, 7]), np.arange(8)):
        with torch.no_grad():
            states = inputs.states(units.sequences(chosen), encoder, CPU)
            found = kind.loss(head, states, inputs, chosen).item()
        assert found == pytest.approx(np.mean([slow[i] for i in chosen]), **TOLERANCE)
        assert kind.outputs(head, states, inputs, chosen) == [best[i] for i in chosen]


def test_a_choice_is_named_by_the_task_that_asks(workshop):
    """COPA has two choices where Social IQa, that the head was trained on, has three."""
    from helpers import rows

    table = rows.choices(3, 1, number_of=2)
    names = ["choice1", "choice2"]
    workshop.prepare("task", "multiple_choice", {"train": table}, names)
    inputs = workshop.inputs("task", "train")
    right = [row["label"] for row in table]
    predicted, golds = kind_of("multiple_choice").predictions_and_golds(
        right, inputs, ["A", "B", "C"], names
    )
    assert predicted == golds == [names[label] for label in right]


@pytest.mark.parametrize("how", ["segments", "mean", "first"])
def test_text_classification(ready, how):
    made = inputs, encoder, kind, head, _ = ready("text_classification", how)
    slow, best = {}, {}
    for number, row in enumerate(inputs.split.table.to_pylist()):
        logits = linear(head.linear, pooled(states_of(inputs, number, encoder), 0, how))
        slow[number], best[number] = cross_entropy(logits, row["label"]), int(np.argmax(logits))
    for chosen in ([3], [5, 2, 11], list(range(14))):
        expected = np.mean([slow[number] for number in chosen])
        assert loss_of(made, np.array(chosen)) == pytest.approx(expected, **TOLERANCE)
    with torch.no_grad():
        states = inputs.states(np.arange(14), encoder, CPU)
        assert kind.outputs(head, states, inputs, np.arange(14)) == [best[i] for i in range(14)]


@pytest.mark.parametrize("how", ["segments", "mean", "first"])
def test_regression(ready, how):
    made = inputs, encoder, kind, head, _ = ready("regression", how)
    rows = inputs.split.table.to_pylist()
    scores = np.array([row["score"] for row in rows])
    slow = {}
    for number, row in enumerate(rows):
        vector = pooled(states_of(inputs, number, encoder), row["second"][0], how)
        slow[number] = linear(head.linear, vector)[0]
    wanted = (scores - scores.mean()) / scores.std()
    for chosen in ([3], [5, 2, 11], list(range(14))):
        expected = np.mean([(slow[number] - wanted[number]) ** 2 for number in chosen])
        assert loss_of(made, np.array(chosen)) == pytest.approx(expected, **TOLERANCE)
    with torch.no_grad():
        states = inputs.states(np.arange(14), encoder, CPU)
        found = kind.outputs(head, states, inputs, np.arange(14))
    expected = [slow[number] * scores.std() + scores.mean() for number in range(14)]
    assert found == pytest.approx(expected, **TOLERANCE)
    predicted, golds = kind.predictions_and_golds(found, inputs, [], [])
    assert [float(one) for one in golds] == scores.tolist()
    assert [float(one) for one in predicted] == pytest.approx(found, rel=1e-5)


def test_scores_that_are_all_the_same_do_not_divide_by_nothing(workshop):
    from helpers import rows

    table = [row | {"score": 3.0} for row in rows.scored_pairs(6, 1)]
    workshop.prepare("task", "regression", {"train": table}, None)
    inputs, kind = workshop.inputs("task", "train"), kind_of("regression")
    head = kind.build_head(HIDDEN, [], "mean", 0.0)
    states = inputs.states(np.arange(6), load_encoder(workshop.encoder), CPU)
    assert torch.isfinite(kind.loss(head, states, inputs, np.arange(6)))


def words_by_hand(inputs):
    """(sequence, token, tag) of every word that has a token, example by example."""
    before = 0
    for row in inputs.split.table.to_pylist():
        layout = zip(row["word_sequence"], row["word_position"], row["labels"], strict=True)
        yield from ((before + one, place, tag) for one, place, tag in layout if place >= 0)
        before += len(row["input_ids"])


def test_tagging(ready):
    made = inputs, encoder, _, head, _ = ready("tagging")
    by_hand = list(words_by_hand(inputs))
    sequences = len(inputs.lengths)
    # The fixture is worth something: split sentences, words without a token.
    assert sequences > 14
    assert -1 in np.concatenate(inputs.split.table["word_position"].to_pylist())
    found = [(i, p, t) for i in range(sequences) for p, t in _words(inputs, i)]
    assert found == sorted(by_hand, key=lambda word: word[0])
    slow = {
        (sequence, place): cross_entropy(
            linear(head[1], states_of(inputs, sequence, encoder)[place]), tag
        )
        for sequence, place, tag in by_hand
    }
    for chosen in ([sequences - 1], [4, 1, 7], list(range(sequences))):
        losses = [loss for (sequence, _), loss in slow.items() if sequence in chosen]
        expected = np.mean(losses)
        assert loss_of(made, np.array(chosen)) == pytest.approx(expected, **TOLERANCE)


def _words(inputs, sequence):
    words = words_of(inputs)
    here = words.of(sequence)
    return list(zip(words.position[here].tolist(), words.tag[here].tolist(), strict=True))


def test_tagging_batch_without_any_word_is_no_reason_to_diverge(workshop, ready):
    from helpers import rows

    blank = rows.row(0, "en", [[2, 3]], [0], labels=[1], word_sequence=[-1], word_position=[-1])
    workshop.prepare("blank", "tagging", {"train": [blank]}, ["O", "B", "I"])
    _, encoder, kind, head, _ = ready("tagging")
    inputs = workshop.inputs("blank", "train")
    states = inputs.states(np.array([0]), encoder, CPU)
    loss = kind.loss(head, states, inputs, np.array([0]))
    loss.backward()
    assert loss.item() == 0
    assert not head[1].weight.grad.any()


@pytest.mark.parametrize("unanswerable", [False, True])
def test_span_qa(ready, unanswerable):
    made = inputs, encoder, _, head, _ = ready("span_qa", unanswerable=unanswerable)
    slow, sequence = [], 0
    for row in inputs.split.table.to_pylist():
        for second, first, last in zip(row["second"], row["first"], row["last"], strict=True):
            states = states_of(inputs, sequence, encoder)
            logits = np.array([linear(head[1], state) for state in states])
            # The words of the question cannot be an answer; the first token is "no answer".
            logits[1:second] = IMPOSSIBLE
            both = [cross_entropy(logits[:, side], gold) for side, gold in ((0, first), (1, last))]
            slow.append(sum(both) / 2)
            sequence += 1
    assert sequence == len(inputs.lengths) > 14
    for chosen in ([0], [6, 3, sequence - 1], list(range(sequence))):
        expected = np.mean([slow[i] for i in chosen])
        assert loss_of(made, np.array(chosen)) == pytest.approx(expected, **TOLERANCE)


def test_span_qa_outputs_are_logits_without_padding_and_question(ready):
    inputs, encoder, kind, head, _ = ready("span_qa")
    chosen = np.argsort(inputs.lengths)[[0, -1, 3]]
    with torch.no_grad():
        states = inputs.states(chosen, encoder, CPU)
        found = kind.outputs(head, states, inputs, chosen)
    for sequence, (start, end) in zip(chosen, found, strict=True):
        alone = states_of(inputs, sequence, encoder)
        expected = np.array([linear(head[1], state) for state in alone])
        second = inputs.split.second[sequence]
        expected[1:second] = IMPOSSIBLE
        np.testing.assert_allclose(start, expected[:, 0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(end, expected[:, 1], rtol=1e-4, atol=1e-5)


def test_segments_against_a_loop(ready):
    inputs, encoder, *_ = ready("pair_classification")
    chosen = np.arange(14)
    with torch.no_grad():
        states = inputs.states(chosen, encoder, CPU)
        # One sequence without a second text: compared with itself.
        states.second[4] = 0
        found = segments(states).numpy()
    for number in chosen:
        alone = states_of(inputs, number, encoder)
        second = 0 if number == 4 else inputs.split.second[number]
        np.testing.assert_allclose(
            found[number], pooled(alone, second, "segments"), rtol=1e-4, atol=1e-5
        )
    u, v, apart, product = np.split(found[4], 4)
    np.testing.assert_allclose(
        u, average(list(states_of(inputs, 4, encoder))), rtol=1e-4, atol=1e-5
    )
    assert (u == v).all()
    assert not apart.any()
    assert (product == u * u).all()


def test_dropout_before_the_head_only_in_training(ready):
    inputs, encoder, *_ = ready("pair_classification")
    states = inputs.states(np.arange(5), encoder, CPU)
    head = Pooled(HIDDEN, 3, "mean", 0.5)
    assert not torch.equal(head.train()(states), head(states))
    assert torch.equal(head.eval()(states), head(states))


# Answers as text


@pytest.mark.parametrize("kind", ["pair_classification", "text_classification"])
def test_label_names_of_training_set_and_target_may_differ_in_order(ready, kind):
    inputs, _, module, _, units = ready(kind)
    gold = [row["label"] for row in inputs.split.table.to_pylist()]
    found = [2, 0, 1] * 4 + [2, 0]
    predicted, golds = module.predictions_and_golds(found, inputs, ["a", "b", "c"], ["c", "a", "b"])
    assert len(units.first) == len(found)
    assert predicted == [{0: "a", 1: "b", 2: "c"}[index] for index in found]
    assert golds == [{0: "c", 1: "a", 2: "b"}[index] for index in gold]


@pytest.mark.parametrize(("trained", "missing"), [(["B", "I", "O"], "O"), (["X", "Y", "Z"], "X")])
def test_tags_come_back_in_the_order_of_the_words(ready, trained, missing):
    inputs, _, kind, _, _ = ready("tagging")
    table = inputs.split.table.to_pylist()
    # The tag that is "predicted" tells where it was read: sequence and place.
    found = [
        np.array([(sequence + place) % 3 for place, _ in _words(inputs, sequence)], int)
        for sequence in range(len(inputs.lengths))
    ]
    predicted, golds = kind.predictions_and_golds(found, inputs, trained, ["one", "two", "three"])
    before = 0
    for row, text, gold in zip(table, predicted, golds, strict=True):
        layout = zip(row["word_sequence"], row["word_position"], strict=True)
        expected = [
            trained[(before + one + place) % 3] if place >= 0 else missing for one, place in layout
        ]
        assert text.split(" ") == expected
        assert gold.split(" ") == [("one", "two", "three")[tag] for tag in row["labels"]]
        before += len(row["input_ids"])


def planted(inputs, wanted):
    """Logits that point to the tokens `wanted[row] = (window, first, last, height)`."""
    found = []
    for number, row in enumerate(inputs.split.table.to_pylist()):
        for window, ids in enumerate(row["input_ids"]):
            start, end = np.full(len(ids), -5.0), np.full(len(ids), -5.0)
            start[0] = end[0] = 0.0
            if number in wanted and wanted[number][0] == window:
                _, first, last, height = wanted[number]
                start[first], end[last] = height, height
            found.append((start, end))
    return found


def test_an_answer_is_the_text_between_its_tokens_in_the_right_window(workshop):
    from helpers import rows

    table = rows.questions(9, 3)
    workshop.prepare("task", "span_qa", {"train": table}, None)
    inputs = workshop.inputs("task", "train")
    wanted, expected = {}, {}
    for number, row in enumerate(table):
        # The last word that the last window owns, and all that this window shows before it.
        window = len(row["input_ids"]) - 1
        own = [place for place, mine in enumerate(row["max_context"][window]) if mine]
        first, last = row["context_first"][window] + own[0], row["context_first"][window] + own[-1]
        wanted[number] = (window, first, last, 3.0)
        begin, end = row["char_start"][window][own[0]], row["char_end"][window][own[-1]]
        expected[number] = row["context"][begin:end]
    assert any(window for window, *_ in wanted.values())
    kind = kind_of("span_qa")
    predicted, golds = kind.predictions_and_golds(planted(inputs, wanted), inputs, [], [])
    assert predicted == [expected[number] for number in range(9)]
    assert [json.loads(gold) for gold in golds] == [row["answers"] for row in table]


def test_no_answer_is_given_only_where_the_task_has_questions_without_one(workshop):
    from helpers import rows

    for name, unanswerable in (("all", False), ("some", True)):
        table = rows.questions(6, 3, unanswerable=unanswerable)
        workshop.prepare(name, "span_qa", {"train": table}, None)
        inputs = workshop.inputs(name, "train")
        first = [row["context_first"][0] for row in table]
        # Below the logits of "no answer" in even rows, above them in odd ones.
        wanted = {n: (0, first[n], first[n], -1.0 if n % 2 == 0 else 1.0) for n in range(6)}
        # Best span: only tokens that the first window owns; its first word always is.
        predicted, _ = kind_of("span_qa").predictions_and_golds(
            planted(inputs, wanted), inputs, [], []
        )
        words = [row["context"].split(" ")[0] for row in table]
        assert predicted == (
            [w if n % 2 else "" for n, w in enumerate(words)] if unanswerable else words
        )


@pytest.mark.parametrize(("empty", "chosen"), [(1, False), (4, False), (5, True)])
def test_a_few_questions_without_an_answer_cost_the_others_nothing(workshop, empty, chosen):
    from helpers import rows

    table = rows.questions(40, 3)
    for row in table[:empty]:
        row["answers"] = []
    workshop.prepare(f"slips{empty}", "span_qa", {"train": table}, None)
    inputs = workshop.inputs(f"slips{empty}", "train")
    # "No answer" scores higher than the passage's first word, which is the best of all spans.
    wanted = {n: (0, row["context_first"][0], row["context_first"][0], -1.0)
              for n, row in enumerate(table)}  # fmt: skip
    predicted, golds = kind_of("span_qa").predictions_and_golds(
        planted(inputs, wanted), inputs, [], []
    )
    words = [row["context"].split(" ")[0] for row in table]
    assert predicted == ([""] * 40 if chosen else words)
    assert golds[0] == "[]"
