"""What config.json says about an encoder of the BERT, RemBERT or RoBERTa family."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from xstilts.core.encoder_families import REMBERT, ROBERTA_FAMILY
from xstilts.core.errors import StudyError

ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


@dataclass(frozen=True)
class EncoderConfig:
    """Shape of an encoder; field names are those of transformers' config.json."""

    model_type: str
    hidden_size: int
    input_embedding_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    pad_token_id: int
    layer_norm_eps: float
    hidden_act: str

    @property
    def first_position(self) -> int:
        """Position of the first token: 0, in the RoBERTa family padding index + 1."""
        return self.pad_token_id + 1 if self.model_type in ROBERTA_FAMILY else 0

    @property
    def longest_input(self) -> int:
        """Most tokens that one sequence may have, special tokens included."""
        return self.max_position_embeddings - self.first_position


def encoder_config(settings: dict[str, Any], path: Path) -> EncoderConfig:
    """Check the content of a config.json (`path` only names it in messages).

    Raises StudyError for a missing field, a field of the wrong type, or a variant of the
    architecture (activation, relative positions) that this encoder does not compute.
    """
    if settings.get("model_type") != REMBERT:
        settings = {**settings, "input_embedding_size": settings.get("hidden_size")}
    types = get_type_hints(EncoderConfig)
    for name, expected in types.items():
        value = settings.get(name)
        kinds = (int, float) if expected is float else (expected,)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise StudyError(
                f"{path}: field '{name}' is missing or no {expected.__name__} "
                f"(found {value!r}); add it as the encoder's model card gives it."
            )
    config = EncoderConfig(**{name: settings[name] for name in types})
    if config.hidden_size % config.num_attention_heads:
        raise StudyError(
            f"{path}: hidden_size {config.hidden_size} is no multiple of num_attention_heads "
            f"{config.num_attention_heads}; the file does not belong to these weights."
        )
    if config.hidden_act not in ACTIVATIONS:
        raise StudyError(
            f"{path}: hidden_act '{config.hidden_act}' is not supported; "
            f"choose an encoder with one of: {', '.join(sorted(ACTIVATIONS))}."
        )
    if settings.get("position_embedding_type", "absolute") != "absolute":
        raise StudyError(f"{path}: only absolute positions are supported; choose another encoder.")
    return config


def check_length(tokens: int, longest: int | None) -> None:
    """Whether sequences of so many tokens have positions in an encoder; StudyError if not."""
    if longest is not None and tokens > longest:
        raise StudyError(
            f"A sequence of {tokens} tokens is longer than the encoder's {longest} positions: set "
            f"training.maximum_length to {longest} at most, for each task in the config."
        )
