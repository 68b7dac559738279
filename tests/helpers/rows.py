"""Prepared examples by hand, one function per kind; each has a pattern that can be learned.

Tokens: 1 padding, 2 begins, 3 ends and separates, the rest are words.
"""

import numpy as np

BEGIN, END = 2, 3
FIRST_WORD, VOCABULARY = 5, 40


def words(random, low, high):
    return random.integers(FIRST_WORD, VOCABULARY, random.integers(low, high + 1)).tolist()


def together(first, second):
    return [BEGIN, *first, END, END, *second, END], len(first) + 3


def row(number, language, sequences, second, **more):
    return {
        "example_id": f"{language}-{number}",
        "language": language,
        "input_ids": sequences,
        "second": second,
        **more,
    }


def pairs(count, seed, language="en", labels=3, longest=9):
    """The label is the first word of the first text, modulo the number of labels."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        first, second = words(random, 1, longest), words(random, 1, longest)
        label = int(random.integers(labels))
        first = [FIRST_WORD + label] * len(first)
        sequence, start = together(first, second)
        found.append(row(number, language, [sequence], [start], label=label))
    return found


def texts(count, seed, language="en", labels=3, longest=9):
    """The label is the first word of the text, modulo the number of labels."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label, length = int(random.integers(labels)), int(random.integers(1, longest + 1))
        sequence = [BEGIN, *[FIRST_WORD + label] * length, END]
        found.append(row(number, language, [sequence], [0], label=label))
    return found


def scored_pairs(count, seed, language="en", longest=9):
    """The score, 0 to 5, is how many words of the second text are the first text's word."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        score, word = int(random.integers(6)), FIRST_WORD + int(random.integers(3))
        second = [word] * score + [VOCABULARY - 1] * (5 - score)
        sequence, start = together([word] * int(random.integers(1, longest - 3)), second)
        found.append(row(number, language, [sequence], [start], score=score / 1.0))
    return found


def choices(count, seed, language="en", number_of=3):
    """The right choice is made of the highest words."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label, first = int(random.integers(number_of)), words(random, 1, 5)
        endings = [words(random, 1, 4) for _ in range(number_of)]
        endings[label] = [VOCABULARY - 1] * len(endings[label])
        built = [together(first, ending) for ending in endings]
        sequences, starts = [one for one, _ in built], [start for _, start in built]
        found.append(row(number, language, sequences, starts, label=label))
    return found


def tagged(count, seed, language="en", tags=3, room=8):
    """A word's tag is its first token modulo `tags`; long sentences go on in a new sequence."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        sequences, where, position, labels = [[BEGIN]], [], [], []
        for _ in range(random.integers(1, 9)):
            # One word in six is a character that the tokeniser does not know at all.
            pieces = words(random, 1, 3) if random.random() > 1 / 6 else []
            if len(sequences[-1]) + len(pieces) > room - 1:
                sequences.append([BEGIN])
            where.append(len(sequences) - 1 if pieces else -1)
            position.append(len(sequences[-1]) if pieces else -1)
            labels.append(pieces[0] % tags if pieces else 0)
            sequences[-1] += pieces
        sequences = [[*sequence, END] for sequence in sequences]
        found.append(
            row(
                number,
                language,
                sequences,
                [0] * len(sequences),
                labels=labels,
                word_sequence=where,
                word_position=position,
            )
        )
    return found


def questions(count, seed, language="en", room=5, stride=3, unanswerable=False):
    """The answer is the word that is asked for; every word of the context is one token."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        passage = random.permutation(np.arange(FIRST_WORD, VOCABULARY))[
            : random.integers(2, 12)
        ].tolist()
        place = int(random.integers(len(passage)))
        empty = unanswerable and number % 3 == 0
        asked = [VOCABULARY - 1 if empty else passage[place]] * int(random.integers(1, 4))
        found.append(
            _question(number, language, asked, passage, None if empty else place, room, stride)
        )
    return found


def _question(number, language, asked, passage, place, room, stride):
    texts = [f"w{token}" for token in passage]
    context = " ".join(texts)
    starts = [len(" ".join(texts[:i])) + (i > 0) for i in range(len(texts))]
    windows, begin = [], 0
    while True:
        windows.append((begin, min(begin + room, len(passage))))
        if windows[-1][1] == len(passage):
            break
        begin += stride
    columns = {key: [] for key in ("input_ids", "second", "first", "last", "context_first")}
    columns |= {key: [] for key in ("char_start", "char_end", "max_context")}
    for one, (begin, end) in enumerate(windows):
        sequence, first = together(asked, passage[begin:end])
        inside = place is not None and begin <= place < end
        gold = first + place - begin if inside else 0
        columns["input_ids"].append(sequence)
        columns["second"].append(first)
        columns["context_first"].append(first)
        columns["first"].append(gold)
        columns["last"].append(gold)
        columns["char_start"].append(starts[begin:end])
        columns["char_end"].append([starts[i] + len(texts[i]) for i in range(begin, end)])
        columns["max_context"].append([_owner(i, windows) == one for i in range(begin, end)])
    answers = [] if place is None else [texts[place]]
    sequences, second = columns.pop("input_ids"), columns.pop("second")
    return row(number, language, sequences, second, context=context, answers=answers, **columns)


def _owner(token, windows):
    score = {
        number: min(token - begin, end - 1 - token) + 0.01 * (end - begin)
        for number, (begin, end) in enumerate(windows)
        if begin <= token < end
    }
    return max(score, key=lambda number: (score[number], -number))


def sentence(identifier, language, side, tokens, gold=""):
    found = row(0, language, [[BEGIN, *tokens, END]], [0], side=side, gold=gold)
    return found | {"example_id": identifier}
