"""The two sides of a language pair among which translations are sought."""

from dataclasses import dataclass

import numpy as np

from xstilts.core.draws import hash_order
from xstilts.encoders.inputs import Inputs
from xstilts.retrieval.mining import distinct

SIDES = ("source", "target")


@dataclass(frozen=True)
class Corpus:
    """One language pair: `source` is the other language, `target` English.

    Attributes:
        ids: ids of the sentences by side.
        rows: where they stand in the prepared split, by side, int64.
        gold: translation of each source sentence that has one.
    """

    ids: dict[str, list[str]]
    rows: dict[str, np.ndarray]
    gold: dict[str, str]

    def taking(self, kept: dict[str, np.ndarray]) -> "Corpus":
        """The corpus of the sentences `kept` (numbers by side), with the gold pairs among them."""
        ids = {side: [self.ids[side][number] for number in kept[side]] for side in SIDES}
        sources, targets = (set(ids[side]) for side in SIDES)
        pairs = self.gold.items()
        gold = {
            source: target for source, target in pairs if source in sources and target in targets
        }
        return Corpus(ids, {side: self.rows[side][kept[side]] for side in SIDES}, gold)

    def sample(self, count: int, seed: str) -> "Corpus":
        """At most `count` sentences of each side, up to half of them in gold pairs, all whole.

        That is more than in proportion where most sentences have no translation: on a few dozen
        pairs no two layers could be told apart. Who is taken depends on `seed` and the ids alone.
        """
        size = max(len(self.ids[side]) for side in SIDES)
        if size <= count:
            return self
        sources = list(self.gold)
        pairs = [sources[i] for i in hash_order(seed, sources)[: count // 2]]
        kept = {}
        targets = [self.gold[source] for source in pairs]
        for side, wanted in zip(SIDES, (pairs, targets), strict=True):
            paired, ids = set(wanted), self.ids[side]
            alone = set(self.gold) if side == "source" else set(self.gold.values())
            spare = [i for i in hash_order(seed, ids) if ids[i] not in alone]
            rest = count - len(paired)
            numbers = [i for i, identifier in enumerate(ids) if identifier in paired] + spare[:rest]
            kept[side] = np.array(sorted(numbers), np.int64)
        return self.taking(kept)


def corpora(inputs: Inputs) -> dict[str, Corpus]:
    """The corpora of a prepared split by language, in its order."""
    table = inputs.split.table
    languages, sides = (np.array(table[name].to_pylist()) for name in ("language", "side"))
    ids = np.array(table["example_id"].to_pylist(), dtype=object)
    gold = np.array(table["gold"].to_pylist(), dtype=object)
    by_language = {}
    for language in dict.fromkeys(languages.tolist()):
        rows = {side: np.flatnonzero((languages == language) & (sides == side)) for side in SIDES}
        source = rows["source"]
        pairs = zip(ids[source], gold[source], strict=True)
        own = {side: ids[rows[side]].tolist() for side in SIDES}
        translated = {source: target for source, target in pairs if target}
        by_language[language] = Corpus(own, rows, translated)
    return by_language


def merged(corpus: Corpus, inputs: Inputs) -> Corpus:
    """Each text once, under the first id that it has, in the gold pairs too (as jiant does).

    XTREME's script lets no candidate through whose text stands there twice, so that its gold pairs
    count as missed.
    """
    tokens, offsets = inputs.split.tokens, inputs.split.offsets
    kept, first = {}, {}
    for side in SIDES:
        texts = [tokens[offsets[row] : offsets[row + 1]].tobytes() for row in corpus.rows[side]]
        kept[side] = distinct(texts)
        ids = corpus.ids[side]
        by_text = {texts[number]: ids[number] for number in kept[side]}
        first[side] = {
            identifier: by_text[text] for identifier, text in zip(ids, texts, strict=True)
        }
    pairs = corpus.gold.items()
    gold = {first["source"][source]: first["target"][target] for source, target in pairs}
    return Corpus(corpus.ids, corpus.rows, gold).taking(kept)
