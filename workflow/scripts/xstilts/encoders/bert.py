"""The encoder of BERT (Devlin et al. 2019), RemBERT, RoBERTa and XLM-R, on torch alone.

Importing transformers' BertModel costs 5 CPU seconds in every job, more than many a job of a
small study trains. Parameters have transformers' names, outputs equal its models' to 1e-5 (tested).
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from xstilts.core.encoder_families import REMBERT, ROBERTA_FAMILY
from xstilts.encoders.architecture import ACTIVATIONS, EncoderConfig, check_length
from xstilts.encoders.attention import float32_attention
from xstilts.encoders.packed import Ragged
from xstilts.encoders.recomputed import recomputed

# RemBERT's map from the width of its embeddings (256) to that of its layers (1152); Chung et al.
# 2021 spend the parameters that narrow input embeddings save on more layers.
WIDENING = "embedding_hidden_mapping_in"


def _dropout(rate: float) -> nn.Module:
    # Dropout of rate 0 would still draw random numbers' worth of time in training mode.
    return nn.Dropout(rate) if rate else nn.Identity()


def _table(rows: int, width: int, padding: int | None = None) -> nn.Embedding:
    # Not drawn at random: drawing, even on the meta device, imports much of torch (1.5 CPU s).
    return nn.Embedding.from_pretrained(torch.empty(rows, width), freeze=False, padding_idx=padding)


class Embeddings(nn.Module):
    """Sum of word, position and token-type embeddings, normalised."""

    def __init__(self, config: EncoderConfig, dropout: float):
        super().__init__()
        width, pad = config.input_embedding_size, config.pad_token_id
        self.config = config
        # The padding row takes no gradient, as in transformers; RoBERTa's positions have one too.
        position_pad = pad if config.model_type in ROBERTA_FAMILY else None
        self.word_embeddings = _table(config.vocab_size, width, pad)
        self.position_embeddings = _table(config.max_position_embeddings, width, position_pad)
        self.token_type_embeddings = _table(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = _dropout(dropout)

    def forward(self, input_ids: Tensor, mask: Tensor, token_types: Tensor | None) -> Tensor:
        """See `Encoder.embed`."""
        if self.config.model_type in ROBERTA_FAMILY:
            positions = mask.long().cumsum(1) * mask.long() + self.config.pad_token_id
        else:
            positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        if token_types is None or self.config.type_vocab_size == 1:
            token_types = torch.zeros_like(input_ids[:1, :1])
        words = self.word_embeddings(input_ids)
        embedded = (
            words + self.token_type_embeddings(token_types) + self.position_embeddings(positions)
        )
        return self.dropout(self.LayerNorm(embedded))


class SelfAttention(nn.Module):
    """Multi-head attention over the unmasked positions.

    Attributes:
        joined: weight [3 width, width] and bias [3 width] of all three projections, where these are
            computed as one (`training.lean_weights`); else None.
    """

    joined: tuple[nn.Parameter, nn.Parameter] | None = None

    def __init__(self, config: EncoderConfig, dropout: float):
        super().__init__()
        width = config.hidden_size
        self.heads = config.num_attention_heads
        self.dropout = dropout
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    @property
    def projections(self) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
        """Query, key and value."""
        return self.query, self.key, self.value

    def forward(self, hidden: Tensor, bias: Tensor | Ragged | None) -> Tensor:
        """`hidden` [batch, length, hidden] -> the same shape; `bias` from `attention_bias`.

        Of packed sequences `hidden` is [tokens, hidden], and `bias` says where each begins.
        """
        if self.joined is None:
            parts = [projection(hidden) for projection in self.projections]
        else:
            parts = [*functional.linear(hidden, *self.joined).chunk(3, dim=-1)]
        rate = self.dropout if self.training else 0.0
        if isinstance(bias, Ragged):
            query, key, value = (part.view(len(hidden), self.heads, -1) for part in parts)
            with float32_attention(hidden.device.type):
                return bias.attend(query, key, value, rate).reshape(hidden.shape)
        batch, length, width = hidden.shape
        query, key, value = (
            part.view(batch, length, self.heads, -1).transpose(1, 2) for part in parts
        )
        with float32_attention(hidden.device.type):
            mixed = functional.scaled_dot_product_attention(query, key, value, bias, dropout_p=rate)
        return mixed.transpose(1, 2).reshape(batch, length, width)


class Residual(nn.Module):
    """Projection back to the hidden size, added to what came in, normalised."""

    def __init__(self, config: EncoderConfig, inputs: int, dropout: float):
        super().__init__()
        self.dense = nn.Linear(inputs, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = _dropout(dropout)

    def forward(self, update: Tensor, hidden: Tensor) -> Tensor:
        """`update` [batch, length, inputs], `hidden` [batch, length, hidden] -> as `hidden`."""
        return self.LayerNorm(self.dropout(self.dense(update)) + hidden)


class Layer(nn.Module):
    """Attention and feed-forward network, each with a residual connection."""

    def __init__(self, config: EncoderConfig, dropout: float):
        super().__init__()
        width, inner = config.hidden_size, config.intermediate_size
        self.approximate = ACTIVATIONS[config.hidden_act]
        attention = {
            "self": SelfAttention(config, dropout),
            "output": Residual(config, width, dropout),
        }
        self.attention = nn.ModuleDict(attention)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, inner)})
        self.output = Residual(config, inner, dropout)

    def forward(self, hidden: Tensor, bias: Tensor | Ragged | None) -> Tensor:
        """`hidden` -> the same shape; both as of `SelfAttention`."""
        hidden = self.attention["output"](self.attention["self"](hidden, bias), hidden)
        inner = functional.gelu(self.intermediate["dense"](hidden), approximate=self.approximate)
        return self.output(inner, hidden)


class Encoder(nn.Module):
    """Layers `first_layer` and up of an encoder, with the embeddings if `first_layer` is 0.

    Made by `load.load_encoder`; built by hand, its weights are not set.
    """

    sees_all = True
    # Tokens whose word embeddings an earlier run trained (`weights.transplant`).
    carried_words: Tensor | None = None
    recomputes = False
    # How training runs all layers of a batch, if not one after another (`packed`, `graphed`).
    stacked: Callable[[Tensor, Tensor, np.ndarray], Tensor] | None = None

    def __init__(self, config: EncoderConfig, *, first_layer: int = 0, dropout: float = 0.0):
        super().__init__()
        self.config = config
        self.first_layer = first_layer
        self.hidden_size = config.hidden_size
        self.layer_count = config.num_hidden_layers
        self.longest_input = config.longest_input
        self.embeddings = None if first_layer else Embeddings(config, dropout)
        # Keyed by number, so that a layer keeps its name when those below are absent.
        numbers = range(first_layer, config.num_hidden_layers)
        layers = nn.ModuleDict({str(number): Layer(config, dropout) for number in numbers})
        self.encoder = nn.ModuleDict({"layer": layers})
        if config.model_type == REMBERT and not first_layer:
            widening = nn.Linear(config.input_embedding_size, config.hidden_size)
            self.encoder[WIDENING] = widening

    def embed(self, input_ids: Tensor, mask: Tensor, token_types: Tensor | None = None) -> Tensor:
        """Input of layer 0, [batch, length, hidden]; needs an encoder loaded from layer 0.

        `input_ids` int [batch, length]; `mask` bool [batch, length], True = token, False = padding;
        `token_types` int [batch, length] (BERT's segments), all 0 by default.
        """
        check_length(input_ids.shape[1], self.longest_input)
        embedded = self._embeddings()(input_ids, mask, token_types)
        return self.encoder[WIDENING](embedded) if WIDENING in self.encoder else embedded

    def run(
        self,
        hidden: Tensor,
        mask: Tensor,
        first: int | None = None,
        last: int | None = None,
        all_layers: bool = False,
        lengths: np.ndarray | None = None,
    ) -> Tensor | list[Tensor]:
        """Layers `first` (default: the first one loaded) up to, but without, `last` (default: end).

        `hidden` [batch, length, hidden]: the input of layer `first`; `mask` bool [batch, length].
        `lengths` [batch]: what `mask` says, where it is known on this machine; a GPU that has to
        be asked must first come to the end of its work.
        Returns the output of the last of these layers, or the list of all their outputs.
        """
        first = self.first_layer if first is None else first
        last = self.layer_count if last is None else last
        if not self.first_layer <= first <= last <= self.layer_count:
            raise ValueError(
                f"layers {first} to {last} are not among {self.first_layer} to {self.layer_count}"
            )
        whole = (first, last) == (self.first_layer, self.layer_count) and not all_layers
        if self.training and self.stacked is not None and lengths is not None and whole:
            return self.stacked(hidden, mask, lengths)
        bias = attention_bias(mask, hidden.dtype, lengths)
        states = []
        for number in range(first, last):
            layer = self.encoder["layer"][str(number)]
            again = self.recomputes and self.training
            hidden = recomputed(layer, hidden, bias) if again else layer(hidden, bias)
            states.append(hidden)
        return states if all_layers else hidden

    def recompute_layers(self) -> None:
        """From now on training computes layers again in the backward pass (`recomputed`)."""
        self.recomputes = True

    def trained_layers(self) -> Iterator[nn.Module]:
        """The layers that are loaded, the lowest first."""
        yield from self.encoder["layer"].values()

    def self_attentions(self) -> Iterator[SelfAttention]:
        """Their attention."""
        for layer in self.trained_layers():
            yield layer.attention["self"]

    def layer_parameters(self) -> list[nn.Parameter]:
        """What the layers compute with: joined projections stand for their three parts."""
        parts: set[int] = set()
        stand_ins: list[nn.Parameter] = []
        for attention in self.self_attentions():
            if attention.joined is not None:
                stand_ins += attention.joined
                parts |= {id(p) for part in attention.projections for p in part.parameters()}
        own = [p for layer in self.trained_layers() for p in layer.parameters()]
        return [p for p in own if id(p) not in parts] + stand_ins

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """States after the last layer, [batch, length, hidden]."""
        return self.run(self.embed(input_ids, mask), mask)

    def get_input_embeddings(self) -> nn.Module:
        """The table of word embeddings; needs an encoder loaded from layer 0."""
        return self._embeddings().word_embeddings

    def set_input_embeddings(self, table: nn.Module) -> None:
        """Put another module in the place of the table of word embeddings."""
        self._embeddings().word_embeddings = table

    def _embeddings(self) -> Embeddings:
        if self.embeddings is None:
            raise ValueError(f"an encoder loaded from layer {self.first_layer} has no embeddings")
        return self.embeddings

    def parameters_from(self, first_layer: int) -> dict[str, nn.Parameter]:
        """Parameters by name of the layers `first_layer` and up (from 0: the embeddings too)."""
        kept = {f"encoder.layer.{number}." for number in range(first_layer, self.layer_count)}
        return {
            name: parameter
            for name, parameter in self.named_parameters()
            if first_layer == 0 or any(name.startswith(prefix) for prefix in kept)
        }


def attention_bias(
    mask: Tensor, dtype: torch.dtype, lengths: np.ndarray | None = None
) -> Tensor | None:
    """What is added to attention scores, [batch, 1, 1, length]: 0, for padding a very low number.

    None where nothing is padding: torch's fast attention kernels on a GPU take no mask. `lengths`
    [batch], where they are known, say so without asking the device.
    """
    mask = mask.bool()
    if _full(mask, lengths):
        return None
    return padding_bias(mask, dtype)


def _full(mask: Tensor, lengths: np.ndarray | None) -> bool:
    if lengths is None:
        return bool(mask.all())
    return bool((lengths == mask.shape[1]).all())


def padding_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """As `attention_bias`, a tensor even where nothing is padding."""
    # The lowest number that is finite in bfloat16 too, to which autocast may round it: with -inf a
    # row of padding alone would become NaN.
    low = max(torch.finfo(dtype).min, torch.finfo(torch.bfloat16).min)
    bias = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return bias.masked_fill_(~mask, low)[:, None, None, :]
