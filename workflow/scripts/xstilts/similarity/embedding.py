"""The job of one task: everything about it that similarity compares, as an artifact of its own."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from xstilts.encoders.inputs import Inputs
from xstilts.encoders.load import load_encoder
from xstilts.encoders.tokenizer import load_tokenizer
from xstilts.kinds import kind_of
from xstilts.similarity.artifacts import TEXT_SCHEMA, write_embedding
from xstilts.similarity.embedders import embed_sentences, given_folder
from xstilts.similarity.fisher import fisher_information
from xstilts.similarity.labelled import labelled_sample
from xstilts.similarity.probe import fit_probe
from xstilts.similarity.states import mean_states
from xstilts.similarity.texts import Reader, Texts
from xstilts.training.device import Usage


class Embedding:
    """What is made of one task.

    Attributes:
        arrays: what `artifacts.write_embedding` describes.
    """

    def __init__(
        self,
        recipe: dict[str, Any],
        folders: dict[str, str],
        embedders: dict[str, str | None],
        device: torch.device,
    ) -> None:
        """`folders`: encoder, data, activations (where layers are frozen).

        `embedders`: folders of sentence-transformers, `text` and `language`, or None.
        """
        self.recipe, self.device, self.embedders = recipe, device, embedders
        self.data = Path(folders["data"])
        self.encoder_folder = Path(folders["encoder"])
        self.activations = Path(folders["activations"]) if "activations" in folders else None
        self.frozen = recipe["frozen_layers"]
        self.arrays: dict[str, np.ndarray] = {}
        self._encoder: Any = None

    @property
    def encoder(self) -> Any:
        """The study's encoder above its frozen layers."""
        if self._encoder is None:
            self._encoder = load_encoder(self.encoder_folder, first_layer=self.frozen)
            self._encoder = self._encoder.to(self.device)
        return self._encoder

    def make(self) -> pa.Table:
        """All arrays, and the table of texts."""
        samples = self._samples()
        if samples[""].texts:
            folder = given_folder(self.recipe["text"]["embedder"], self.embedders["text"])
            self.arrays["text"] = embed_sentences(samples[""].texts, folder, self.device)
        if self.recipe["languages"]:
            self.arrays["languages"] = self._in_languages(samples)
        if self.recipe["labelled"]:
            self._task_embeddings()
        rows = [
            {"language": language, "example_id": identifier, "text": text, "segments": segments}
            for language, sample in samples.items()
            for identifier, text, segments in zip(
                sample.ids, sample.texts, sample.segments, strict=True
            )
        ]
        return pa.Table.from_pylist(rows, schema=TEXT_SCHEMA)

    def _samples(self) -> dict[str, Texts]:
        recipe, texts = self.recipe, self.recipe["text"]
        tokenizer = load_tokenizer(self.encoder_folder)
        kind = kind_of(recipe["kind"])
        reader = Reader(self.data, kind, texts["fields"], tokenizer, recipe["seed"])
        side, own = kind.sides or (None, None)
        # Of two sides one is English, whatever the language of the pairs.
        english = None if kind.sides else "en"
        samples = {"": reader.sample(texts["split"], english, side, texts["examples"])}
        languages = recipe["languages"] or {"codes": []}
        for code in languages["codes"]:
            samples[code] = reader.sample("test", code, own, languages["examples"])
        return samples

    def _in_languages(self, samples: dict[str, Texts]) -> np.ndarray:
        promised = self.recipe["languages"]["embedder"]
        if (folder := given_folder(promised, self.embedders["language"])) is not None:
            texts = [text for sample in samples.values() for text in sample.texts]
            return embed_sentences(texts, folder, self.device)
        states = []
        for language, sample in samples.items():
            split = "test" if language else self.recipe["text"]["split"]
            inputs = Inputs(self.data, split, self.activations, self.frozen)
            states.append(mean_states(self.encoder, inputs, sample.rows, self.device))
        return np.concatenate(states)

    def _task_embeddings(self) -> None:
        settings, recipe = self.recipe["labelled"], self.recipe
        sample = labelled_sample(
            self.data, self.activations, self.frozen, recipe["kind"], settings["examples"],
            recipe["seed"],
        )  # fmt: skip
        head = fit_probe(self.encoder, sample, settings["head"], recipe["seed"], self.device)
        own, summed = fisher_information(
            self.encoder, head, sample, self.frozen, settings["batch_examples"], self.device
        )
        self.arrays["task"] = own.astype(np.float32)
        self.arrays["task_batch_summed"] = summed.astype(np.float32)


def embed_task(
    recipe: dict[str, Any],
    folders: dict[str, str],
    embedders: dict[str, str | None],
    folder: Path,
    device: torch.device,
) -> dict[str, Any]:
    """Fill `folder` with the embeddings of a task; the facts for its receipt.

    Raises:
        StudyError: an embedder or the task's data cannot be read.
    """
    usage = Usage(device)
    embedding = Embedding(recipe, folders, embedders, device)
    table = embedding.make()
    files = write_embedding(folder, table, embedding.arrays)
    return {
        "recipe": recipe,
        "status": "done",
        "files": files,
        "texts": dict(Counter(table["language"].to_pylist())),
        **usage.summary(),
    }
