"""Every rate by which an encoder's training is random, as its family calls it in config.json."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError

# Dropout of states or attention: what `training.dropout` sets.
DROPOUT = frozenset({
    "activation_dropout", "attention_dropout", "attention_probs_dropout_prob", "attn_pdrop",
    "dropout", "dropout_prob", "dropout_rate", "emb_pdrop", "embd_pdrop", "embed_dropout",
    "embedding_dropout", "hidden_dropout", "hidden_dropout_prob", "mlp_dropout", "resid_dropout",
    "resid_pdrop", "residual_dropout",
})  # fmt: skip
# Whole layers left out, noise at the routers of mixtures: other regularisers, which no key names.
OFF = frozenset({
    "decoder_layerdrop", "drop_path_rate", "encoder_layerdrop", "layerdrop", "router_jitter_noise",
})  # fmt: skip
# Of heads that are not loaded here.
UNREAD = frozenset({
    "classifier_dropout", "classifier_dropout_prob", "classifier_dropout_rate", "pooler_dropout",
    "qa_dropout", "seq_classif_dropout", "summary_first_dropout", "summary_last_dropout",
})  # fmt: skip
RANDOM = ("drop", "jitter", "noise")


def set_rates(config: Any, dropout: float, folder: Path) -> None:
    """Set all rates in transformers' `config`, and in the configs inside it.

    Raises:
        StudyError: `folder`'s config has a rate that is known by no such name.
    """
    for part in _parts(config):
        for name, value in list(vars(part).items()):
            if name in DROPOUT:
                setattr(part, name, dropout)
            elif name in OFF:
                setattr(part, name, 0.0)
            elif name not in UNREAD and _is_rate(name, value):
                raise StudyError(
                    f"{folder / 'config.json'}: the rate '{name}' ({value}) would stay whatever "
                    "training.dropout says; set it to 0 there, or choose another encoder."
                )


def _is_rate(name: str, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and value != 0 and any(word in name for word in RANDOM)


def _parts(config: Any) -> Iterator[Any]:
    yield config
    for name in getattr(config, "sub_configs", {}):
        if (inner := getattr(config, name, None)) is not None:
            yield from _parts(inner)
