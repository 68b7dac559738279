"""From drawn items to the columns of each data set: one function per layout."""

import hashlib
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from generated_text import (
    choices,
    nli,
    paraphrase,
    questions,
    reading,
    retrieval,
    supertags,
    tagging,
)
from generated_text.grammar import text
from generated_text.lexicon import described
from generated_text.schemas import schema

Row = dict[str, Any]


def table(layout: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as a table in the column order and types of a layout."""
    return pa.Table.from_pylist(list(rows), schema=schema(layout))


def identifier(*parts: object) -> str:
    """A hexadecimal id of 24 characters that depends on these parts alone."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:24]


def nli_rows(task: str, language: str, **draw: Any) -> list[Row]:
    """Entailment pairs; columns that only GLUE or ANLI have are added by the caller's layout."""
    rows = []
    for index, pair in enumerate(nli.pairs(task, **draw)):
        premise, hypothesis = nli.say_pair(pair, language)
        row = {"premise": premise, "hypothesis": hypothesis, "label": pair.label, "idx": index}
        rows.append({**row, "uid": identifier(premise, hypothesis), "reason": ""})
    return rows


def question_rows(**draw: Any) -> list[Row]:
    """Duplicate questions."""
    return [
        {"question1": pair.first, "question2": pair.second, "label": pair.label, "idx": index}
        for index, pair in enumerate(questions.question_pairs(**draw))
    ]


def paraphrase_rows(language: str, **draw: Any) -> list[Row]:
    """PAWS-X pairs; ids count from 1 and are the same in every language."""
    rows = []
    for index, pair in enumerate(paraphrase.paraphrases(**draw), start=1):
        first, second = paraphrase.say_paraphrase(pair, language)
        rows.append({"id": index, "sentence1": first, "sentence2": second, "label": pair.label})
    return rows


def reading_rows(task: str, language: str, prefix: str = "", **draw: Any) -> list[Row]:
    """Span questions; ids are the same in every language."""
    rows = []
    for item in reading.readings(task, **draw):
        context, question, texts, starts = reading.say_reading(item, language)
        answers = {"text": texts, "answer_start": starts}
        row = {"id": prefix + identifier(item), "title": "", "context": context}
        rows.append({**row, "question": question, "answers": answers})
    return rows


def hellaswag_rows(**draw: Any) -> list[Row]:
    """Continuations."""
    rows = []
    for index, item in enumerate(choices.multiple_choice("hellaswag", **draw)):
        row = {"ind": index, "activity_label": item.topic.capitalize()}
        row |= {"ctx_a": item.context, "ctx_b": item.question}
        row |= {"ctx": f"{item.context} {item.question}", "endings": item.choices}
        row |= {"source_id": f"demo~{item.topic}", "split": draw["part"], "split_type": "indomain"}
        rows.append({**row, "label": str(item.label)})
    return rows


def cosmosqa_rows(**draw: Any) -> list[Row]:
    """Situations."""
    rows = []
    for item in choices.multiple_choice("cosmosqa", **draw):
        row = {"id": identifier(item), "context": item.context, "question": item.question}
        row |= {f"answer{number}": answer for number, answer in enumerate(item.choices)}
        rows.append({**row, "label": item.label})
    return rows


def commonsenseqa_rows(**draw: Any) -> list[Row]:
    """Everyday knowledge."""
    rows = []
    for item in choices.multiple_choice("commonsenseqa", **draw):
        row: Row = {
            "id": identifier(item),
            "question": item.question,
            "question_concept": item.topic,
        }
        row["choices"] = {"label": list("ABCDE"), "text": item.choices}
        rows.append({**row, "answerKey": "ABCDE"[item.label]})
    return rows


def ccg_rows(**draw: Any) -> list[Row]:
    """Supertags as strings."""
    return [
        {"id": f"demo-{index}", "tokens": [w for w, _ in item], "tags": [c for _, c in item]}
        for index, item in enumerate(supertags.supertagged(**draw))
    ]


def pos_rows(language: str, **draw: Any) -> list[Row]:
    """Universal part-of-speech tags."""
    tagged = (tagging.pos(item, language) for item in tagging.sentences("pos", **draw))
    return [{"tokens": tokens, "pos_tags": tags} for tokens, tags in tagged]


def ner_rows(language: str, **draw: Any) -> list[Row]:
    """Entities."""
    tagged = (tagging.entities(item, language) for item in tagging.sentences("ner", **draw))
    return [
        {"tokens": tokens, "ner_tags": tags, "langs": [language] * len(tokens)}
        for tokens, tags in tagged
    ]


def tatoeba_rows(language: str, **draw: Any) -> list[Row]:
    """Sentences and their English translations."""
    code = described(language)["tatoeba"]
    return [
        {
            "source_sentence": text(clause, language, form),
            "target_sentence": text(clause, "en", form),
            "source_lang": code,
            "target_lang": "eng",
        }
        for clause, form in tagging.sentences("tatoeba", **draw)
    ]


def text_rows(language: str, **draw: Any) -> list[Row]:
    """Sentences alone."""
    sentences = tagging.sentences("tatoeba", **draw)
    return [{"text": text(clause, language, form)} for clause, form in sentences]


def bucc_rows(language: str, split: str, *, seed: str, count: int) -> list[Row]:
    """One side of a mining set, or its gold pairs of ids."""
    mined = retrieval.mining(seed=seed, count=count)
    if split == "gold":
        return [
            {"source_id": f"{language}-{source + 1:06d}", "target_id": f"en-{target + 1:06d}"}
            for source, target in mined.gold
        ]
    side, spoken = (mined.source, language) if split == "source" else (mined.target, "en")
    return [
        {
            "id": f"{spoken}-{index:06d}",
            "sentence": text(clause, spoken, form),
            "lang": spoken,
        }
        for index, (clause, form) in enumerate(side, start=1)
    ]
