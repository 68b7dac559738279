"""A sequence-to-sequence translation model in transformers' files (Marian, M2M100, NLLB, T5)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from xstilts.core.errors import StudyError


class Translator:
    """Translates English sentences; the same sentences give the same translations.

    Beam search without sampling. `settings` are the config's `translated.model`: prefix,
    first_token and source_language with the language's code filled in, beams, batch_examples and
    maximum_length.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], device: torch.device) -> None:
        """Read model and tokenizer in `folder`: local files, safetensors, no code of theirs.

        Raises:
            StudyError: transformers cannot, or the tokenizer lacks a token that was named.
        """
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self.settings, self.device = settings, device
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            self.model = AutoModelForSeq2SeqLM.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # transformers raises dozens of kinds for what it cannot use
            reason = str(error).strip().split("\n")[0]
            raise StudyError(
                f"{folder}: transformers cannot load this translation model ({reason}); choose "
                "another translated.model, or fetch this one again."
            ) from error
        self.model.to(device).eval()
        if settings["source_language"]:
            self.tokenizer.src_lang = settings["source_language"]
        self.first = self._token(settings["first_token"], folder)

    def _token(self, name: str | None, folder: Path) -> int | None:
        if name is None:
            return None
        token = self.tokenizer.convert_tokens_to_ids(name)
        if token is None or token == self.tokenizer.unk_token_id:
            raise StudyError(
                f"{folder} has no token '{name}': correct translated.model.first_token, or the "
                "language's code under translated.model.codes."
            )
        return token

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translations of `texts`, in their order; each text is translated once."""
        # By length, so that little of a batch is padding; of equal length as they came.
        distinct = sorted(dict.fromkeys(texts), key=len)
        size = self.settings["batch_examples"]
        translations: dict[str, str] = {"": ""}
        for begin in range(0, len(distinct), size):
            batch = [text for text in distinct[begin : begin + size] if text]
            if batch:
                translations |= dict(zip(batch, self._batch(batch), strict=True))
        return [translations[text] for text in texts]

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> list[str]:
        longest = self.settings["maximum_length"]
        read = self.tokenizer(
            [self.settings["prefix"] + text for text in texts],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=longest,
        ).to(self.device)
        forced = {} if self.first is None else {"forced_bos_token_id": self.first}
        written = self.model.generate(
            input_ids=read["input_ids"],
            attention_mask=read["attention_mask"],
            num_beams=self.settings["beams"],
            do_sample=False,
            max_new_tokens=longest,
            **forced,
        )
        texts = self.tokenizer.batch_decode(written, skip_special_tokens=True)
        return [text.strip() for text in texts]
