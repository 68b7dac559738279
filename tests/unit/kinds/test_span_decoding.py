"""The best answer against a slow search that follows BERT's run_squad step by step."""

import time

import numpy as np
import pytest

from xstilts.kinds.methods.span_decoding import best_answer

WORDS = [f"w{i}" for i in range(40)]
CONTEXT = " ".join(WORDS)
BEGIN = np.cumsum([0] + [len(word) + 1 for word in WORDS])[:-1]
END = BEGIN + [len(word) for word in WORDS]


def windows(
    count: int, size: int, stride: int, first: int, random: np.random.Generator, values=None
) -> dict:
    """`count` windows over CONTEXT after `first` tokens of question, with random logits."""
    pieces = [range(stride * w, min(stride * w + size, len(WORDS))) for w in range(count)]
    draw = (lambda n: random.choice(values, n)) if values is not None else random.standard_normal
    logits = [[draw(first + len(piece) + 1) for piece in pieces] for _ in range(2)]

    def fullness(token: int, piece: range) -> float:
        return min(token - piece[0], piece[-1] - token) + 0.01 * len(piece)

    fullest = [
        [fullness(t, p) >= max(fullness(t, q) for q in pieces if t in q) for t in p] for p in pieces
    ]
    return {
        "start_logits": logits[0],
        "end_logits": logits[1],
        "context_first": [first] * count,
        "char_start": [[int(BEGIN[t]) for t in piece] for piece in pieces],
        "char_end": [[int(END[t]) for t in piece] for piece in pieces],
        "max_context": fullest,
        "context": CONTEXT,
    }


def slowly(q: dict, n_best: int, longest: int, null_threshold: float | None) -> str:
    """As run_squad: best starts by best ends, drop what is not allowed, sort, compare with null."""
    found, null = [], np.inf
    for w, first in enumerate(q["context_first"]):
        start, end = q["start_logits"][w], q["end_logits"][w]
        null = min(null, start[0] + end[0])
        by_start = sorted(range(len(start)), key=lambda i: (-start[i], i))[:n_best]
        by_end = sorted(range(len(end)), key=lambda i: (-end[i], i))[:n_best]
        size = len(q["char_start"][w])
        for s in by_start:
            for e in by_end:
                inside = first <= s < first + size and first <= e < first + size
                if not inside or not q["max_context"][w][s - first] or e < s or e - s + 1 > longest:
                    continue
                found.append((-(start[s] + end[e]), w, s, e))
    if not found:
        return ""
    score, w, s, e = min(found)
    if null_threshold is not None and null + score > null_threshold:
        return ""
    first = q["context_first"][w]
    return q["context"][q["char_start"][w][s - first] : q["char_end"][w][e - first]]


@pytest.mark.parametrize("values", [None, np.array([0.0, 1.0, 2.0])], ids=["distinct", "ties"])
@pytest.mark.parametrize("null_threshold", [None, 0.0, -1.5])
def test_equals_slow_search(values, null_threshold) -> None:
    random = np.random.default_rng(3)
    answers = set()
    for trial in range(150):
        q = windows(1 + trial % 4, 16, 8, first=4 + trial % 3, random=random, values=values)
        for n_best, longest in ((20, 30), (3, 2), (1, 30)):
            got = best_answer(
                **q, n_best=n_best, max_answer_tokens=longest, null_threshold=null_threshold
            )
            assert got == slowly(q, n_best, longest, null_threshold)
            answers.add(got)
    assert len(answers) > 30


def question(start: dict, end: dict, tokens: int = 6, first: int = 3) -> dict:
    """One window over the first words; logits are 0 but where given (context token or "null")."""
    logits = []
    for given in (start, end):
        row = np.zeros(first + tokens + 1)
        for place, score in given.items():
            row[0 if place == "null" else first + place] = score
        logits.append([row])
    return {
        "start_logits": logits[0],
        "end_logits": logits[1],
        "context_first": [first],
        "char_start": [BEGIN[:tokens].tolist()],
        "char_end": [END[:tokens].tolist()],
        "max_context": [[True] * tokens],
        "context": CONTEXT,
    }


def test_by_hand() -> None:
    assert best_answer(**question({1: 5}, {2: 5})) == "w1 w2"
    # The best start and the best end, w3 and w2, are no answer: 4 + 5 beats 5 + 0.
    assert best_answer(**question({3: 5, 1: 4}, {2: 5})) == "w1 w2"
    # Question tokens and <s> never are, however sure of them the model is.
    assert best_answer(**question({"null": 99, 2: 1}, {"null": 99, 2: 1})) == "w2"
    # Equal everywhere: the earliest start, then the earliest end.
    assert best_answer(**question({}, {})) == "w0"


def test_length_limit() -> None:
    q = question({0: 9, 4: 3}, {5: 9})
    assert best_answer(**q) == "w0 w1 w2 w3 w4 w5"
    assert best_answer(**q, max_answer_tokens=5) == "w4 w5"
    assert best_answer(**q, max_answer_tokens=6) == "w0 w1 w2 w3 w4 w5"


def test_no_answer() -> None:
    q = question({"null": 4, 1: 3}, {"null": 4, 1: 3})
    assert best_answer(**q) == "w1"
    assert best_answer(**q, null_threshold=0.0) == ""
    assert best_answer(**q, null_threshold=2.0) == "w1"  # 8 - 6 does not exceed 2


def test_no_answer_must_win_in_every_window() -> None:
    """The no-answer score is that of the window least sure of it."""
    sure, unsure = question({"null": 9, 1: 1}, {"null": 9}), question({"null": -9, 2: 3}, {2: 3})
    both = {k: v if k == "context" else [*v, *unsure[k]] for k, v in sure.items()}
    assert best_answer(**sure, null_threshold=0.0) == ""
    assert best_answer(**both, null_threshold=0.0) == "w2"


def test_start_only_where_the_context_is_fullest() -> None:
    q = question({1: 9, 3: 5}, {1: 9, 3: 5})
    q["max_context"][0][1] = False
    assert best_answer(**q) == "w3"
    q["max_context"] = [[False] * 6]
    assert best_answer(**q) == ""


def test_non_latin_context_is_cut_by_character() -> None:
    q = question({1: 5}, {2: 5}, tokens=4)
    q |= {"context": "東京は首都です", "char_start": [[0, 2, 3, 5]], "char_end": [[2, 3, 5, 7]]}
    assert best_answer(**q) == "は首都"
    # A token that carries the blank before it does not bring it into the answer.
    q |= {"context": "сто лет назад", "char_start": [[0, 3, 7, 13]], "char_end": [[3, 7, 13, 13]]}
    assert best_answer(**q) == "лет назад"


def test_diverged_logits_give_no_answer() -> None:
    q = question({}, {})
    q["start_logits"][0][:] = np.nan
    assert best_answer(**q) == ""


def test_fast_enough() -> None:
    """500 questions of one window of 384 tokens: 0.03 s on an idle core, so a wide margin."""
    random = np.random.default_rng(0)
    n = 384
    q = {
        "start_logits": [random.standard_normal(n).astype(np.float32)],
        "end_logits": [random.standard_normal(n).astype(np.float32)],
        "context_first": [20],
        "char_start": [list(range(n - 21))],
        "char_end": [list(range(1, n - 20))],
        "max_context": [[True] * (n - 21)],
        "context": "x" * n,
    }
    begin = time.perf_counter()
    for _ in range(500):
        best_answer(**q)
    assert time.perf_counter() - begin < 2
