"""Encoders whose tokens see only what stands before them: their first state knows one token."""

from collections.abc import Mapping
from typing import Any

from xstilts.core.errors import StudyError

# What config.json calls a model_type; a test asks tiny ones. Loading asks any encoder by numbers.
DECODERS = frozenset({
    "bloom", "cohere", "falcon", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "granite",
    "llama", "mistral", "modernbert-decoder", "mpt", "olmo2", "opt", "phi", "phi3", "qwen2",
    "qwen3", "starcoder2", "xglm",
})  # fmt: skip
REASON = "reads from left to right, so that the state of the first token knows no other"


def check_direction(settings: Mapping[str, Any], heads: Mapping[str, str], pooling: str) -> None:
    """Whether an encoder with these `settings` (its config.json) can be read as it is to be.

    `heads` says for each task of a pooled kind what its head reads, `pooling` what retrieval reads.

    Raises:
        StudyError: something reads the first token alone.
    """
    kind = settings.get("model_type")
    # EmbeddingGemma is Gemma trained further without the mask.
    if kind not in DECODERS or settings.get("use_bidirectional_attention"):
        return
    for task, head in heads.items():
        if head == "first":
            raise StudyError(
                f"config, key 'training.head': {task} reads the first token, and an encoder of "
                f"type '{kind}' {REASON}; set it to mean, or to segments."
            )
    if pooling == "first":
        raise StudyError(
            f"config, key 'retrieval.pooling': an encoder of type '{kind}' {REASON}; set it to "
            "mean."
        )
