"""Tiny random encoders of many families, made and saved by transformers.

Settings are those of the published models, sizes apart; each is a family's published shape as far
as the shape matters here: which maps have biases, which are shared, where dropout acts, and
whether a token sees those that follow it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VOCABULARY = 40
SMALL = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2,
    "intermediate_size": 24, "max_position_embeddings": 34, "pad_token_id": 1, "bos_token_id": 2,
    "eos_token_id": 3,
}  # fmt: skip
# As in the config.json of microsoft/mdeberta-v3-base.
MDEBERTA = {
    "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_biased_input": False,
    "share_att_key": True, "norm_rel_ebd": "layer_norm", "position_buckets": 8,
    "max_relative_positions": -1, "type_vocab_size": 0,
}  # fmt: skip
GROUPED = {"num_key_value_heads": 1, "head_dim": 8}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 3, "num_heads": 2}
BART = {
    "d_model": 16, "encoder_layers": 3, "decoder_layers": 3, "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """What transformers calls a family (`model_type`), and what its published models set.

    Attributes:
        kind: model_type in config.json.
        settings: beyond `SMALL`.
        second_type: whether its tokenizers tell segments apart by token types.
        sees_all: whether a token's state depends on the tokens that follow it.
    """

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    second_type: int = 0
    sees_all: bool = True


# Those that the README names.
NAMED = {
    "xlm-r": Family("xlm-roberta", {"type_vocab_size": 1, "layer_norm_eps": 1e-5}),
    "mbert": Family("bert", second_type=1),
    "multilingual-e5": Family("bert"),
    "mdeberta": Family("deberta-v2", MDEBERTA, 1),
    "rembert": Family(
        "rembert", {"input_embedding_size": 8, "output_embedding_size": 12}, second_type=1
    ),
}
# mmBERT and other ModernBERTs, EuroBERT, mT5, EmbeddingGemma.
NEWER = {
    "modernbert": Family("modernbert", {"cls_token_id": 2, "sep_token_id": 3}),
    "eurobert": Family("eurobert", GROUPED),
    "mt5": Family("mt5", T5 | {"feed_forward_proj": "gated-gelu"}),
    "embedding-gemma": Family(
        "gemma3_text", GROUPED | {"use_bidirectional_attention": True, "sliding_window": 8}
    ),
}
DECODERS = {
    "gpt2": Family("gpt2", sees_all=False),
    "gpt-neox": Family("gpt_neox", sees_all=False),
    "llama": Family("llama", GROUPED, sees_all=False),
    "qwen3": Family("qwen3", GROUPED, sees_all=False),
    "gemma": Family("gemma", GROUPED, sees_all=False),
    "gemma3": Family("gemma3_text", GROUPED, sees_all=False),
    "bloom": Family("bloom", sees_all=False),
    "opt": Family("opt", {"word_embed_proj_dim": 16, "ffn_dim": 24}, sees_all=False),
    "xglm": Family("xglm", {"ffn_dim": 24}, sees_all=False),
    "phi3": Family("phi3", {"num_key_value_heads": 1}, sees_all=False),
    "falcon": Family("falcon", sees_all=False),
    "starcoder2": Family("starcoder2", {"num_key_value_heads": 1}, sees_all=False),
    "modernbert-decoder": Family(
        "modernbert-decoder", {"cls_token_id": 2, "sep_token_id": 3}, sees_all=False
    ),
}
OTHERS = {
    "albert": Family("albert", {"embedding_size": 8}),
    "distilbert": Family("distilbert", {"hidden_dim": 24}),
    "electra": Family("electra", {"embedding_size": 8}),
    "mpnet": Family("mpnet"),
    "roformer": Family("roformer"),
    "convbert": Family("convbert", {"embedding_size": 16}),
    "xlnet": Family("xlnet", {"d_model": 16, "n_layer": 3, "n_head": 2, "d_inner": 24}),
    "xlm": Family("xlm", {"emb_dim": 16, "n_layers": 3, "n_heads": 2}),
    "flaubert": Family("flaubert", {"emb_dim": 16, "n_layers": 3, "n_heads": 2}),
    "nomic-bert": Family("nomic_bert"),
    "jina-v3": Family("jina_embeddings_v3"),
    "mbart": Family("mbart", BART),
    "m2m-100": Family("m2m_100", BART),
    "t5": Family("t5", T5),
    "umt5": Family("umt5", T5 | {"feed_forward_proj": "gated-gelu"}),
    "xlm-r-xl": Family("xlm-roberta-xl"),
    "fnet": Family("fnet"),
    "esm": Family("esm", {"mask_token_id": 4, "position_embedding_type": "rotary"}),
}
FAMILIES = NAMED | NEWER | DECODERS | OTHERS


def save_tiny(name: str, folder: Path, **settings: Any) -> Any:
    """Write a tiny encoder of family `name` into `folder`, and return transformers' own model."""
    import torch
    from transformers import AutoConfig, AutoModel

    family = FAMILIES[name]
    torch.manual_seed(3)
    given = SMALL | {"initializer_range": 0.4} | family.settings | settings
    if family.kind == "xlnet":  # which refuses to be told how long its inputs are
        del given["max_position_embeddings"]
    config = AutoConfig.for_model(family.kind, **given)
    model = AutoModel.from_config(config).eval()
    model.save_pretrained(folder)
    return model.get_encoder() if config.is_encoder_decoder else model
