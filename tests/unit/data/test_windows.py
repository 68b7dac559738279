import random
import unicodedata

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from xstilts.data.examples import Question, question
from xstilts.data.special_tokens import SegmentEncoder
from xstilts.data.windows import (
    answer_tokens,
    characters,
    maximum_context,
    questions,
    window_borders,
)


def ask(tokenizer, context, answer, *, text="who is it", start=None, length=64, stride=16):
    row = {"example_id": "1", "question": text, "context": context}
    start = context.index(answer) if start is None and answer else start
    row |= {"answers": [answer] if answer else [], "answer_start": [start] if answer else []}
    (made,) = questions([question(row)], SegmentEncoder(tokenizer, length, stride))
    return made


def answers_read_back(row):
    """The text that the gold tokens of each window stand for; None where there is no answer."""
    found = []
    for window, (first, last) in enumerate(zip(row["first"], row["last"], strict=True)):
        begin = row["context_first"][window]
        spans = row["char_start"][window], row["char_end"][window]
        text = row["context"][spans[0][first - begin] : spans[1][last - begin]] if first else None
        found.append(text)
    return found


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ("the king is in the garden", "king"),
        ("война и мир война", "мир"),
        ("中国人民银行在哪里", "人民"),
        ("दिल्ली भारत की राजधानी है", "भारत"),  # unknown letters: one token covers several
        ("  two  spaces  an ", "spaces"),
        ("the end", "end"),
        ("an end", "an"),
    ],
)
def test_gold_tokens_read_back_as_the_answer(tokenizer, context, answer):
    (found,) = answers_read_back(ask(tokenizer, context, answer))
    assert answer in found
    if "भारत" not in answer:
        assert found == answer


@pytest.fixture(scope="module")
def of_bytes():
    """A tokenizer to which no letter is unknown."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({one: number for number, one in enumerate(alphabet)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.add_special_tokens(["<s>", "</s>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>",
        special_tokens=[(one, made.token_to_id(one)) for one in ("<s>", "</s>")],
    )  # fmt: skip
    return made


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ("tiếng Việt là ngôn ngữ", "Việt"),
        # Normal form C takes these Hindi letters apart: XQuAD writes them as one.
        ("वह \u0915\u093cलम बड़ा है", "\u0915\u093cलम"),
        ("वह \u0958लम ब\u095cा है", "ब\u095cा"),
        ("서울은 한국의 수도이다", "한국의"),
        ("the 5 \u212b wide gap", "5 \u212b"),
    ],
)
def test_answers_are_spans_of_the_passage_as_it_came(of_bytes, form, context, answer):
    if form == "NFD":
        context, answer = (unicodedata.normalize("NFD", one) for one in (context, answer))
    row = ask(of_bytes, context, answer, length=512)
    assert row["context"] == context and row["answers"] == (answer,)
    assert answers_read_back(row) == [answer]
    composed = ask(of_bytes, *(unicodedata.normalize("NFC", one) for one in (context, answer)),
                   length=512)  # fmt: skip
    for column in ("input_ids", "first", "last", "context_first", "max_context"):
        assert np.array_equal(row[column], composed[column])


def test_a_passage_in_two_forms_is_two_passages(of_bytes):
    forms = [unicodedata.normalize(form, "Huế is old") for form in ("NFC", "NFD", "NFC")]
    examples = [
        question({"example_id": str(number), "question": "?", "context": text,
                  "answers": [text.split()[0]], "answer_start": [0]})
        for number, text in enumerate(forms)
    ]  # fmt: skip
    rows = questions(examples, SegmentEncoder(of_bytes, 64, 16))
    assert [row["context"] for row in rows] == forms
    assert [answers_read_back(row) for row in rows] == [[text.split()[0]] for text in forms]


def test_sequence_is_question_then_window(tokenizer):
    row = ask(tokenizer, "cat " * 40, "")
    assert len(row["input_ids"]) > 2
    kit = SegmentEncoder(tokenizer, 64, 16)
    asked = kit.encode(["who is it"])[0]
    for sequence, begin, starts in zip(
        row["input_ids"], row["context_first"], row["char_start"], strict=True
    ):
        assert sequence[: len(asked) + 1] == [1, *asked]
        assert sequence[len(asked) + 1 : begin] == [2, 2]
        assert len(sequence) == begin + len(starts) + 1 <= 64
    assert row["second"] == row["context_first"]
    assert (row["first"], row["last"], row["answers"]) == ([0] * len(row["first"]),) * 2 + ((),)


def test_answer_on_a_window_border_counts_only_where_it_is_whole(tokenizer):
    words = [f"w{i:02d}" for i in range(40)]
    context = " ".join(words)
    seen_cut = False
    for first in range(38):
        answer = " ".join(words[first : first + 3])
        row = ask(tokenizer, context, answer, stride=20)
        found = answers_read_back(row)
        assert answer in found
        start, end = context.index(answer), context.index(answer) + len(answer)
        for text, starts, ends in zip(found, row["char_start"], row["char_end"], strict=True):
            filled = starts < ends  # lone word marks cover nothing
            inside = starts[filled].min() <= start and end <= ends.max()
            touches = starts[filled].min() < end and start < ends.max()
            assert (text == answer) == inside
            assert (text is None) == (not inside)
            seen_cut |= touches and not inside
    assert seen_cut


def test_context_tokens_are_all_covered_and_their_characters_do_not_depend_on_the_window(tokenizer):
    context = "the cat sits on the mat and " * 8
    row = ask(tokenizer, context, "mat")
    whole = tokenizer.encode(context, add_special_tokens=False)
    position = 0
    covered = set()
    for starts, sequence, begin in zip(
        row["char_start"], row["input_ids"], row["context_first"], strict=True
    ):
        assert sequence[begin:-1] == whole.ids[position : position + len(starts)]
        covered |= set(range(position, position + len(starts)))
        position += 16
    assert covered == set(range(len(whole.ids)))


def best_window(token, borders):
    """BERT's rule by its definition, one token at a time."""
    scores = []
    for number, (start, count) in enumerate(borders):
        if start <= token < start + count:
            left, right = token - start, start + count - 1 - token
            scores.append((-(min(left, right) + 0.01 * count), number))
    return min(scores)[1]


def test_maximum_context_agrees_with_its_definition():
    draw = random.Random(0)
    for _ in range(200):
        length, room, stride = draw.randint(0, 60), draw.randint(1, 20), draw.randint(1, 25)
        borders = window_borders(length, room, stride)
        owners = maximum_context(borders, length)
        for number, ((start, count), own) in enumerate(zip(borders, owners, strict=True)):
            expected = [best_window(start + i, borders) == number for i in range(count)]
            assert own.tolist() == expected


def test_every_context_character_has_one_window_of_most_context(tokenizer):
    row = ask(tokenizer, "the cat sits on the mat and " * 8, "mat")
    owners: dict[tuple[int, int], int] = {}
    for starts, ends, best in zip(
        row["char_start"], row["char_end"], row["max_context"], strict=True
    ):
        for span in zip(starts[best].tolist(), ends[best].tolist(), strict=True):
            owners[span] = owners.get(span, 0) + 1
    assert set(owners.values()) == {1}


def test_borders_of_berts_script():
    assert window_borders(10, 6, 3) == [(0, 6), (3, 6), (6, 4)]
    assert window_borders(10, 4, 8) == [(0, 4), (4, 4), (8, 2)]  # a stride beyond the window
    assert window_borders(6, 6, 3) == [(0, 6)]
    assert window_borders(0, 6, 3) == [(0, 0)]


def test_a_lone_word_mark_and_white_space_cover_no_character():
    starts, ends = characters("a b", [5, 3, 6], [(0, 1), (1, 2), (1, 3)], 3)
    assert (starts.tolist(), ends.tolist()) == ([0, 2, 2], [1, 2, 3])
    assert answer_tokens(starts, ends, 2, 3) == (2, 2)
    assert answer_tokens(starts, ends, 1, 2) == (-1, -1)


def test_overlong_question_leaves_room_for_the_context(tokenizer):
    row = ask(tokenizer, "the cat " * 10, "", text="x" * 500)
    assert all(len(starts) >= 1 for starts in row["char_start"])
    assert max(map(len, row["input_ids"])) <= 64


def test_questions_that_share_a_context_get_their_own_answers(tokenizer):
    context = "the cat sat"
    made = questions(
        [Question(str(i), "q", context, (a,), context.index(a), context.index(a) + len(a))
         for i, a in enumerate(("cat", "sat"))],
        SegmentEncoder(tokenizer, 64, 16),
    )  # fmt: skip
    assert [answers_read_back(row) for row in made] == [["cat"], ["sat"]]
    assert isinstance(made[0]["char_start"][0], np.ndarray)
