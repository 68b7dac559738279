"""Which data set, config and split the demo serves, and how each is made."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from generated_text import tables
from generated_text.errors import GrammarError, nearest
from generated_text.lexicon import LANGUAGES, described

# (seed, part, count) -> rows
Maker = Callable[[str, str, int], list[tables.Row]]


class Served(NamedTuple):
    """A split that the demo serves: its layout, the part and size it draws, and its maker."""

    layout: str
    part: str
    rows: Maker


def _draws(function: Callable[..., list[tables.Row]], task: str, *fixed: str) -> Maker:
    """A maker that passes its seed, named for the task, the part and the count on to a function."""
    return lambda seed, part, count: function(
        *fixed, seed=f"{seed}/{task}/{part}", part=part, count=count
    )


def _bucc(language: str, split: str) -> Maker:
    return lambda seed, part, count: tables.bucc_rows(
        language, split, seed=f"{seed}/bucc", count=count
    )


def _tydiqa(languages: tuple[str, ...]) -> Maker:
    def rows(seed: str, part: str, count: int) -> list[tables.Row]:
        return [
            row
            for language in languages
            for row in tables.reading_rows(
                "tydiqa",
                language,
                f"{described(language)['name'].lower()}-",
                seed=f"{seed}/tydiqa/{part}",
                part=part,
                count=count,
            )
        ]

    return rows


def _english() -> dict[tuple[str, str, str], Served]:
    """The English data sets: dataset, config, split -> how it is made."""
    simple = {
        ("nyu-mll/glue", "qqp"): ("qqp", _draws(tables.question_rows, "qqp")),
        ("stanfordnlp/snli", "plain_text"): ("nli", _draws(tables.nli_rows, "snli", "snli", "en")),
        ("rajpurkar/squad", "plain_text"): (
            "span", _draws(tables.reading_rows, "squad", "squad", "en"),
        ),
        ("rajpurkar/squad_v2", "squad_v2"): (
            "span", _draws(tables.reading_rows, "squad_v2", "squad_v2", "en"),
        ),
        ("Rowan/hellaswag", "default"): ("hellaswag", _draws(tables.hellaswag_rows, "hellaswag")),
        ("silver/ccg_supertag", "default"): ("ccg", _draws(tables.ccg_rows, "ccg")),
        ("allenai/cosmos_qa", "default"): ("cosmosqa", _draws(tables.cosmosqa_rows, "cosmosqa")),
        ("tau/commonsense_qa", "default"): (
            "commonsenseqa", _draws(tables.commonsenseqa_rows, "commonsenseqa"),
        ),
    }  # fmt: skip
    served = {}
    for (dataset, config), (layout, maker) in simple.items():
        for split, part in (("train", "train"), ("validation", "dev")):
            served[dataset, config, split] = Served(layout, part, maker)
    mnli = _draws(tables.nli_rows, "mnli", "mnli", "en")
    for split, part in (("train", "train"), ("validation_matched", "dev")):
        served["nyu-mll/glue", "mnli", split] = Served("mnli", part, mnli)
    for number in "123":
        maker = _draws(tables.nli_rows, f"anli_r{number}", "anli", "en")
        for part in ("train", "dev"):
            served["facebook/anli", "plain_text", f"{part}_r{number}"] = Served("anli", part, maker)
    served["google/xtreme", "tydiqa", "train"] = Served("span", "train", _tydiqa(("en",)))
    served["google/xtreme", "tydiqa", "validation"] = Served("span", "test", _tydiqa(LANGUAGES))
    return served


def _targets(language: str) -> dict[tuple[str, str, str], Served]:
    """The target data sets in one language."""
    names = described(language)
    xtreme = "google/xtreme"
    splits = [("validation", "dev"), ("test", "test")]
    with_train = [("train", "train"), *splits]
    configs = [
        ("facebook/xnli", language, "nli", splits,
         _draws(tables.nli_rows, "xnli", "xnli", language)),
        ("google-research-datasets/paws-x", language, "pawsx", with_train,
         _draws(tables.paraphrase_rows, "pawsx", language)),
        (xtreme, f"udpos.{names['name']}", "pos", with_train,
         _draws(tables.pos_rows, "pos", language)),
        (xtreme, f"PAN-X.{language}", "ner", with_train, _draws(tables.ner_rows, "ner", language)),
        (xtreme, f"XQuAD.{language}", "xquad", [("validation", "test")],
         _draws(tables.reading_rows, "xquad", "xquad", language)),
        (xtreme, f"MLQA.{language}.{language}", "span", splits,
         _draws(tables.reading_rows, "mlqa", "mlqa", language)),
    ]  # fmt: skip
    if language != "en":
        maker = _draws(tables.tatoeba_rows, "tatoeba", language)
        config = f"tatoeba.{names['tatoeba']}"
        configs.append((xtreme, config, "tatoeba", [("validation", "test")], maker))
    served = {
        (dataset, config, split): Served(layout, part, maker)
        for dataset, config, layout, wanted, maker in configs
        for split, part in wanted
    } | _variants(language)
    if language != "en":
        for split in ("source", "target", "gold"):
            layout = "bucc_gold" if split == "gold" else "bucc"
            key = "bucc2018/mining", f"{language}-en", split
            served[key] = Served(layout, "test", _bucc(language, split))
    return served


def _variants(language: str) -> dict[tuple[str, str, str], Served]:
    """What the rows `+mlm` and `+translated` train on: text, and English tasks said in a language.

    The translations are the grammar's own: row i means what row i of the English task means.
    """
    plain = _draws(tables.text_rows, "text", language)
    served = {("demo/text", language, "train"): Served("text", "train", plain)}
    if language != "en":
        mnli = _draws(tables.nli_rows, "mnli", "mnli", language)
        served["facebook/xnli", language, "train"] = Served("nli", "train", mnli)
        for task, name in (("squad_v1", "squad"), ("squad_v2", "squad_v2")):
            maker = _draws(tables.reading_rows, name, name, language)
            served[f"translated/{task}", language, "train"] = Served("span", "train", maker)
    return served


@functools.cache
def served() -> dict[tuple[str, str, str], Served]:
    """Everything that the demo serves: (dataset, config, split) -> how it is made."""
    everything = _english()
    for language in LANGUAGES:
        everything |= _targets(language)
    return everything


def _find(dataset: str, config: str, split: str) -> Served:
    wanted = (dataset, config, split)
    offered = list(served())
    for depth, what in enumerate(("data set", "config", "split")):
        known = {key[depth] for key in offered if key[:depth] == wanted[:depth]}
        if wanted[depth] not in known:
            where = f" of {'/'.join(wanted[:depth])}" if depth else ""
            raise GrammarError(
                f"the demo has no {what} '{wanted[depth]}'{where}; {nearest(wanted[depth], known)}"
            )
    return served()[wanted]


def generate(
    dataset: str, config: str, split: str, *, seed: int, sizes: dict[str, int]
) -> pa.Table:
    """A split of a data set, in the data set's own columns, made by the demo's grammar.

    `sizes` gives the rows of a "train", "dev" and "test" split (per language; for bucc2018/mining
    the number of gold pairs). The same arguments give the same table on every machine. Row i of a
    target's dev or test set means the same in every language. Raises GrammarError for a data set,
    config or split that the demo does not have, and for more rows than the grammar can give.
    """
    entry = _find(dataset, config, split)
    if entry.part not in sizes:
        raise GrammarError(
            f"the demo has no size for '{entry.part}'; add {entry.part} to its sizes."
        )
    return tables.table(entry.layout, entry.rows(str(seed), entry.part, sizes[entry.part]))
