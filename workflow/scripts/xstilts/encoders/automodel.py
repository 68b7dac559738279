"""Any other encoder of the Hub, through transformers, behind the interface of `bert.Encoder`."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from xstilts.core.errors import StudyError
from xstilts.encoders import recomputed
from xstilts.encoders.architecture import check_length
from xstilts.encoders.attention import float32_attention
from xstilts.encoders.encoder_files import FETCH_AGAIN
from xstilts.encoders.rates import set_rates

TOKEN_TYPES = "token_type_embeddings"
POSITIONS = "position_embeddings"


class AutoModelEncoder(nn.Module):
    """A transformers model; all of its layers run, none can be cached."""

    first_layer = 0
    # Tokens whose word embeddings an earlier run trained (`weights.transplant`).
    carried_words: Tensor | None = None

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        config = model.config
        self.config = config
        self.hidden_size: int = config.hidden_size
        self.layer_count: int = config.num_hidden_layers
        self.longest_input = _longest_input(model)

    @classmethod
    def load(cls, folder: Path, *, dtype: torch.dtype, dropout: float) -> "AutoModelEncoder":
        """Load `folder` by AutoModel: local files, safetensors, none of the folder's own code.

        Raises StudyError if transformers cannot, or if a rate of the config cannot be set.
        """
        from transformers import AutoConfig, AutoModel

        try:
            config = AutoConfig.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            set_rates(config, dropout, folder)
            model, loading = AutoModel.from_pretrained(
                folder, config=config, dtype=dtype, use_safetensors=True, local_files_only=True,
                trust_remote_code=False, output_loading_info=True,
            )  # fmt: skip
        except StudyError:
            raise
        except Exception as error:  # transformers raises dozens of kinds for a folder it cannot use
            reason = str(error).strip().split("\n")[0]
            raise StudyError(
                f"{folder}: transformers cannot load this encoder ({reason}); "
                "choose another encoder or fetch this one again."
            ) from error
        _check_loaded(folder, loading)
        model = model.get_encoder() if config.is_encoder_decoder else model
        # Nothing here reads a pooler: many folders lack one, and it would start at random.
        if getattr(model, "pooler", None) is not None:
            model.pooler = None
        return cls(model).eval()

    def embed(self, input_ids: Tensor, mask: Tensor, token_types: Tensor | None = None) -> Tensor:
        """Word embeddings, [batch, length, width]; the model adds positions itself in `run`.

        So it does the embedding of token type 0; what is missing to another type is added here.
        Models without token types ignore them, as transformers does.
        """
        check_length(input_ids.shape[1], self.longest_input)
        words = self.model.get_input_embeddings()(input_ids)
        table = self._token_types
        if table is None or token_types is None:
            return words
        return words + table(token_types) - table.weight[0]

    @cached_property
    def sees_all(self) -> bool:
        """Whether a token's state depends on the tokens after it, in evaluation mode."""
        words = self.model.get_input_embeddings().weight
        ids = torch.full((2, 4), len(words) // 2, device=words.device)
        ids[1, -1] += 1
        training = self.training
        with torch.no_grad():
            first, other = self.eval()(ids, torch.ones_like(ids).bool())[:, 0].float()
        self.train(training)
        return not torch.allclose(first, other, rtol=1e-5, atol=1e-6)

    @property
    def _token_types(self) -> nn.Embedding | None:
        embeddings = (m for name, m in self.model.named_modules() if name.endswith(TOKEN_TYPES))
        return next((m for m in embeddings if m.num_embeddings > 1), None)

    def run(
        self,
        hidden: Tensor,
        mask: Tensor,
        first: int | None = None,
        last: int | None = None,
        all_layers: bool = False,
        lengths: np.ndarray | None = None,
    ) -> Tensor | list[Tensor]:
        """As `bert.Encoder.run`; `first` can only be 0, `hidden` only what `embed` returned.

        transformers asks the mask itself, so that `lengths` are not needed.
        """
        if first:
            raise ValueError("an encoder of this family runs from its first layer only")
        last = self.layer_count if last is None else last
        whole = last == self.layer_count and not all_layers
        with float32_attention(hidden.device.type):
            output = self.model(
                inputs_embeds=hidden,
                attention_mask=mask.long(),
                output_hidden_states=not whole,
                return_dict=True,
            )
        if whole:
            return output.last_hidden_state
        states = list(output.hidden_states[1 : last + 1])
        return states if all_layers else states[-1]

    def recompute_layers(self) -> None:
        """From now on training computes layers again in the backward pass (`recomputed`).

        Raises StudyError if transformers cannot for this encoder.
        """
        if not self.model.supports_gradient_checkpointing:
            raise StudyError(
                "config, key 'activation_checkpointing': transformers cannot compute the layers of "
                f"an encoder of type '{self.config.model_type}' again; set it to false."
            )
        device = next(self.model.parameters()).device.type
        self.model.activation_checkpointing_enable(recomputed.settings(device))

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """States after the last layer, [batch, length, hidden]."""
        return self.run(self.embed(input_ids, mask), mask)

    def get_input_embeddings(self) -> nn.Module:
        """The table of word embeddings."""
        return self.model.get_input_embeddings()

    def set_input_embeddings(self, table: nn.Module) -> None:
        """Put another module in the place of the table of word embeddings."""
        self.model.set_input_embeddings(table)

    def parameters_from(self, first_layer: int) -> dict[str, nn.Parameter]:
        """All parameters by transformers' names; `first_layer` can only be 0."""
        if first_layer:
            raise ValueError("an encoder of this family is trained as a whole")
        return dict(self.model.named_parameters())


def _longest_input(model: nn.Module) -> int | None:
    """Most tokens of a sequence; None where positions are relative, and nothing sets a bound."""
    for name, module in model.named_modules():
        if name.endswith(POSITIONS) and isinstance(module, nn.Embedding):
            # The first position is that after the padding's, in families that count from there.
            before = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - before
    return None


def _check_loaded(folder: Path, loading: dict[str, Any]) -> None:
    """Refuse weights that transformers would silently replace by random numbers."""
    unused = ("pooler.", "decoder.")
    missing = sorted(name for name in loading["missing_keys"] if not name.startswith(unused))
    if missing:
        raise StudyError(
            f"{folder} lacks {len(missing)} tensors that its config.json calls for, {missing[0]} "
            f"for one. {FETCH_AGAIN}"
        )
