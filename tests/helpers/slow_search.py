"""Retrieval data by hand, and the search in them one sentence at a time."""

import numpy as np
import torch

from helpers import rows

K = 3


def text(random, low=3, high=9):
    return rows.words(random, low, high)


def changed(random, tokens):
    """A translation: the same words but one."""
    tokens = list(tokens)
    tokens[random.integers(len(tokens))] = int(random.integers(rows.FIRST_WORD, rows.VOCABULARY))
    return tokens


def tatoeba(language, count, seed):
    """Aligned pairs; the other language stands in another order."""
    random = np.random.default_rng(seed)
    english = [text(random) for _ in range(count)]
    targets = [rows.sentence(f"t{i}", language, "target", one) for i, one in enumerate(english)]
    sources = [
        rows.sentence(f"s{i}", language, "source", changed(random, english[i]), f"t{i}")
        for i in random.permutation(count)
    ]
    return [*sources, *targets]


def bucc(language, seed, pairs=12, alone=10, copies=True):
    """Gold pairs among sentences without a translation; some sentences stand there twice."""
    random = np.random.default_rng(seed)
    english = [text(random) for _ in range(pairs + alone)]
    sources = [(f"s{i}", changed(random, english[i]), f"t{i}") for i in range(pairs)]
    sources += [(f"s{pairs + i}", text(random), "") for i in range(alone)]
    targets = [(f"t{i}", one) for i, one in enumerate(english)]
    if copies:
        # One copy before its original with the gold on the original, one after with its own gold.
        sources = [("copy-first", sources[1][1], ""), *sources]
        targets.append(("t-again", english[2]))
        sources.append(("s-again", sources[4][1], ""))
        sources[4] = (sources[4][0], sources[4][1], "")
        sources[-1] = ("s-again", sources[4][1], "t3")
        sources[3] = (sources[3][0], sources[3][1], "t-again")
    return [rows.sentence(i, language, "source", tokens, gold) for i, tokens, gold in sources] + [
        rows.sentence(i, language, "target", tokens) for i, tokens in targets
    ]


# The search, slowly


def vector(tokens, encoder, layer, pooling="mean"):
    ids = torch.tensor([tokens])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.no_grad():
        states = encoder.run(encoder.embed(ids, mask), mask, first=0, last=layer)
    states = states[0].numpy().astype(np.float64)
    pooled = states.mean(0) if pooling == "mean" else states[0]
    return pooled / np.linalg.norm(pooled)


def side(found, language, name, encoder, layer=None, pooling="mean"):
    here = [r for r in found if r["language"] == language and r["side"] == name]
    return [
        (one["example_id"], tuple(tokens), vector(tokens, encoder, layer, pooling))
        for one in here
        for tokens in one["input_ids"]
    ]


def merged(sentences):
    """Each text once, under its first id, and the first id of every id."""
    kept, first = {}, {}
    for identifier, tokens, point in sentences:
        kept.setdefault(tokens, (identifier, point))
        first[identifier] = kept[tokens][0]
    return list(kept.values()), first


def mined(found, language, encoder, margin, layer=None, pooling="mean"):
    """Pairs with scores, best first, after merging; the gold pairs; all distinct sources."""
    sources, first_source = merged(side(found, language, "source", encoder, layer, pooling))
    targets, first_target = merged(side(found, language, "target", encoder, layer, pooling))
    cosine = {(a, b): float(u @ v) for a, u in sources for b, v in targets}

    def average(fixed, of_source):
        others = [
            cosine[(fixed, b) if of_source else (b, fixed)]
            for b, _ in (targets if of_source else sources)
        ]
        return sum(sorted(others, reverse=True)[:K]) / min(K, len(others))

    def score(a, b):
        return (
            cosine[a, b] / ((average(a, True) + average(b, False)) / 2)
            if margin == "ratio"
            else cosine[a, b]
        )

    # Each proposes its best among its K nearest.
    proposals = []
    for a, _ in sources:
        near = sorted(targets, key=lambda t: -cosine[a, t[0]])[:K]
        proposals.append(max((score(a, b), a, b) for b, _ in near))
    for b, _ in targets:
        near = sorted(sources, key=lambda s: -cosine[s[0], b])[:K]
        proposals.append(max((score(a, b), a, b) for a, _ in near))
    taken, pairs = set(), []
    for value, a, b in sorted(proposals, reverse=True):
        if ("source", a) not in taken and ("target", b) not in taken:
            taken |= {("source", a), ("target", b)}
            pairs.append((value, a, b))
    here = [r for r in found if r["language"] == language and r["gold"]]
    gold = {first_source[r["example_id"]]: first_target[r["gold"]] for r in here}
    return pairs, gold, [a for a, _ in sources]


def f1_of(pairs, gold, threshold):
    kept = [(a, b) for value, a, b in pairs if value >= threshold]
    right = sum(gold.get(a) == b for a, b in kept)
    return 200 * right / (len(kept) + len(gold)) if kept else 0.0
