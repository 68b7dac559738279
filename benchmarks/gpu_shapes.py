"""What benchmarks/gpu.py trains: an encoder's shape, and prepared tasks of real lengths.

Weights and tokens are random; nothing is read from the Hub. Lengths follow the deciles below:
tokens of XLM-R's vocabulary per sequence, counted on samples of the data sets with the maximum
lengths of their task sheets, or those of prepared data that are given.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from xstilts.core.receipts import publish
from xstilts.data.store import open_split, write_split
from xstilts.kinds import kind_of

# An English training set asks for some tens of thousands of the 250,002 rows of the table.
USED_TOKENS, FIRST_TOKEN = 40_000, 5
LABELS = {"pair_classification": 3, "tagging": 17, "multiple_choice": 4, "span_qa": 0}
METRICS = {
    "pair_classification": "accuracy", "tagging": "accuracy", "multiple_choice": "accuracy",
    "span_qa": "answer_f1",
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """An encoder's sizes, named as in transformers' config.json."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int

    def config(self) -> dict:
        """Its config.json."""
        return {
            **self.__dict__, "model_type": "xlm-roberta", "architectures": ["XLMRobertaModel"],
            "max_position_embeddings": 514, "type_vocab_size": 1, "pad_token_id": 1,
            "layer_norm_eps": 1e-5, "hidden_act": "gelu", "bos_token_id": 0, "eos_token_id": 2,
        }  # fmt: skip

    def flops(self, lengths: np.ndarray) -> float:
        """Arithmetic of a training step on sequences of these lengths, without padding.

        Forward and backward pass are three products of each weight with each token, and of queries
        with keys and their weights with values.
        """
        width, layers = self.hidden_size, self.num_hidden_layers
        weights = layers * (4 * width * width + 2 * width * self.intermediate_size)
        squares = float((lengths.astype(float) ** 2).sum())
        return 6.0 * weights * float(lengths.sum()) + 12.0 * layers * width * squares


LARGE = Shape(1024, 24, 16, 4096, 250_002)
# Enough layers for a kill and a resume, whose checkpoints shall not take the time.
LOW = replace(LARGE, num_hidden_layers=4, vocab_size=50_000)
TINY = Shape(32, 2, 4, 64, 2_000)


@dataclass(frozen=True)
class Spec:
    """A kind of task at the lengths of one of the tasks.

    Attributes:
        name, kind: of the task.
        batch, longest: examples in a batch and longest sequence of its sheet.
        choices: sequences of an example.
        quantiles: tokens of a sequence, evenly spaced from the shortest to the longest.
    """

    name: str
    kind: str
    batch: int
    longest: int
    choices: int
    quantiles: tuple[int, ...]

    def lengths(self, examples: int) -> np.ndarray:
        """[examples, choices] tokens, always the same ones."""
        random = np.random.default_rng([examples, self.longest])
        spots = np.linspace(0, 1, len(self.quantiles))
        drawn = np.interp(random.random(examples), spots, self.quantiles)
        # Choices of a question differ by their endings alone.
        around = random.integers(-2, 3, (examples, self.choices)) if self.choices > 1 else 0
        return np.clip(drawn[:, None] + around, 4, self.longest).astype(int)


SPECS = {
    one.name: one
    for one in (
        Spec("mnli", "pair_classification", 32, 256, 1,
             (9, 23, 28, 34, 39, 44, 49, 55, 62, 74, 238)),
        Spec("ner", "tagging", 32, 256, 1, (5, 7, 8, 9, 10, 11, 12, 14, 17, 20, 255)),
        Spec("squad_v1", "span_qa", 16, 384, 1,
             (49, 126, 144, 160, 173, 188, 207, 231, 266, 310, 384)),
        Spec("cosmosqa", "multiple_choice", 32, 256, 4,
             (55, 82, 91, 98, 105, 112, 121, 130, 143, 161, 236)),
    )
}  # fmt: skip


def tiny(spec: Spec) -> Spec:
    """A tenth of the lengths and an eighth of the batch."""
    quantiles = tuple(max(4, one // 10) for one in spec.quantiles)
    return replace(spec, batch=spec.batch // 8, longest=spec.longest // 10, quantiles=quantiles)


def measured(spec: Spec, data: Path) -> Spec:
    """`spec` at the lengths of the training set that is prepared in `data`."""
    lengths = np.diff(open_split(data / "train.arrow").offsets)
    quantiles = tuple(np.quantile(lengths, np.linspace(0, 1, 21)).astype(int).tolist())
    return replace(spec, longest=max(spec.longest, quantiles[-1]), quantiles=quantiles)


def write_task(spec: Spec, examples: int, vocabulary: int, folder: Path) -> None:
    """Prepared train and dev splits in `folder`, as a run of the stage `data` leaves them."""
    folder.mkdir(parents=True)
    schema = kind_of(spec.kind).prepared_columns()
    for split, count in (("train", examples), ("dev", 8)):
        random = np.random.default_rng([len(split), count])
        lengths = spec.lengths(count)
        rows = [_row(spec, number, lengths[number], vocabulary, random) for number in range(count)]
        batch = pa.RecordBatch.from_pylist(rows, schema=schema)
        write_split(folder / f"{split}.arrow", schema, [batch])
    labels = [str(number) for number in range(LABELS[spec.kind])]
    publish(folder, {"labels": labels, "rows": {}, "limits": {}, "dropped": {}, "files": {}})


def _row(spec: Spec, number: int, lengths: np.ndarray, vocabulary: int, random) -> dict:
    last = min(FIRST_TOKEN + USED_TOKENS, vocabulary)
    sequences = [random.integers(FIRST_TOKEN, last, size).tolist() for size in lengths]
    row = {
        "example_id": str(number), "language": "en", "input_ids": sequences,
        "second": [size // 2 for size in lengths],
    }  # fmt: skip
    own = {
        "pair_classification": _labelled, "multiple_choice": _labelled, "tagging": _tagged,
        "span_qa": _asked,
    }  # fmt: skip
    return row | own[spec.kind](spec, lengths, random)


def _labelled(spec: Spec, lengths: np.ndarray, random) -> dict:
    return {"label": int(random.integers(LABELS[spec.kind]))}


def _tagged(spec: Spec, lengths: np.ndarray, random) -> dict:
    # Every other token begins a word.
    position = list(range(1, int(lengths[0]) - 1, 2))
    tags = random.integers(LABELS[spec.kind], size=len(position)).tolist()
    return {"labels": tags, "word_position": position, "word_sequence": [0] * len(position)}


def _asked(spec: Spec, lengths: np.ndarray, random) -> dict:
    # Of an answer, training reads where it begins and ends; the dev set is not judged here.
    begin = int(lengths[0]) // 2
    first, last = np.sort(random.integers(begin, int(lengths[0]), 2)).tolist()
    return {
        "context": "", "answers": [""], "first": [first], "last": [last], "context_first": [begin],
        "char_start": [[]], "char_end": [[]], "max_context": [[]],
    }  # fmt: skip


def write_encoder(shape: Shape, folder: Path) -> None:
    """config.json and random weights in `folder`, as a run of the stage `encoder` leaves them."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(shape.config()), encoding="utf-8")
    encoder = random_encoder(shape, torch.device("cpu"), 0.0)
    save_file(encoder.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    publish(folder, {"files": {}})


def random_encoder(shape: Shape, device, dropout: float):
    """An encoder of this shape on `device`, with BERT's start of its weights."""
    import torch

    from xstilts.encoders.architecture import encoder_config
    from xstilts.encoders.bert import Encoder

    config = encoder_config(shape.config(), Path("config.json"))
    torch.manual_seed(1)
    with torch.device(device):
        encoder = Encoder(config, dropout=dropout)
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.02)
    return encoder
