"""Column layouts of the data sets that the demo stands in for, as on the Hugging Face Hub."""

import json

import pyarrow as pa

from generated_text.tagging import NER_TAGS, POS_TAGS

NLI_LABELS = ("entailment", "neutral", "contradiction")
STRING = pa.string()
STRINGS = pa.list_(pa.field("element", pa.string()))
NUMBERS = pa.list_(pa.field("element", pa.int64()))
ANSWERS = pa.struct(
    [("text", STRINGS), ("answer_start", pa.list_(pa.field("element", pa.int32())))]
)
NAMES = {pa.string(): "string", pa.int32(): "int32", pa.int64(): "int64"}
Columns = dict[str, pa.DataType | tuple[str, ...] | list[tuple[str, ...]]]

PAIR: Columns = {"premise": STRING, "hypothesis": STRING, "label": NLI_LABELS}
QUESTION: Columns = {"id": STRING, "title": STRING, "context": STRING, "question": STRING}
LAYOUTS: dict[str, Columns] = {
    "mnli": {**PAIR, "idx": pa.int32()},
    "nli": PAIR,
    "anli": {"uid": STRING, **PAIR, "reason": STRING},
    "qqp": {
        "question1": STRING,
        "question2": STRING,
        "label": ("not_duplicate", "duplicate"),
        "idx": pa.int32(),
    },
    "span": {**QUESTION, "answers": ANSWERS},
    "xquad": {**{k: v for k, v in QUESTION.items() if k != "title"}, "answers": ANSWERS},
    "hellaswag": {
        "ind": pa.int32(),
        **dict.fromkeys(("activity_label", "ctx_a", "ctx_b", "ctx"), STRING),
        "endings": STRINGS,
        **dict.fromkeys(("source_id", "split", "split_type", "label"), STRING),
    },
    "ccg": {"id": STRING, "tokens": STRINGS, "tags": STRINGS},
    "cosmosqa": {
        **dict.fromkeys(("id", "context", "question"), STRING),
        **{f"answer{number}": STRING for number in range(4)},
        "label": pa.int32(),
    },
    "commonsenseqa": {
        **dict.fromkeys(("id", "question", "question_concept"), STRING),
        "choices": pa.struct([("label", STRINGS), ("text", STRINGS)]),
        "answerKey": STRING,
    },
    "pawsx": {"id": pa.int32(), "sentence1": STRING, "sentence2": STRING, "label": ("0", "1")},
    "pos": {"tokens": STRINGS, "pos_tags": [POS_TAGS]},
    "ner": {"tokens": STRINGS, "ner_tags": [NER_TAGS], "langs": STRINGS},
    "tatoeba": dict.fromkeys(
        ("source_sentence", "target_sentence", "source_lang", "target_lang"), STRING
    ),
    "text": {"text": STRING},
    "bucc": dict.fromkeys(("id", "sentence", "lang"), STRING),
    "bucc_gold": dict.fromkeys(("source_id", "target_id"), STRING),
}


def _arrow(kind: pa.DataType | tuple[str, ...] | list[tuple[str, ...]]) -> pa.DataType:
    if isinstance(kind, tuple):
        return pa.int64()
    return NUMBERS if isinstance(kind, list) else kind


def _feature(kind: pa.DataType | tuple[str, ...] | list[tuple[str, ...]]) -> dict:
    """The Hub's description of a column, which carries the names of class labels."""
    if isinstance(kind, tuple):
        return {"names": list(kind), "_type": "ClassLabel"}
    if isinstance(kind, list):
        return {"feature": _feature(kind[0]), "_type": "Sequence"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}
    if pa.types.is_struct(kind):
        inner = {field.name: _feature(field.type.value_type) for field in kind}
        return {"feature": inner, "_type": "Sequence"}
    return {"dtype": NAMES[kind], "_type": "Value"}


def schema(layout: str) -> pa.Schema:
    """The Arrow schema of a layout, with the Hub's features in its metadata."""
    columns = LAYOUTS[layout]
    features = {name: _feature(kind) for name, kind in columns.items()}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.schema([(name, _arrow(kind)) for name, kind in columns.items()], metadata=metadata)
