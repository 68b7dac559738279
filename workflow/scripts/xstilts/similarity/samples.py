"""The embeddings of a study's tasks as samples, each read and halved once."""

from pathlib import Path
from typing import Any

import numpy as np

from xstilts.similarity.artifacts import read_embedding
from xstilts.similarity.resampling import FEWEST, Sample, halvings


class Samples:
    """Observations of tasks, by name of the embedding that holds them."""

    def __init__(self, folders: dict[str, str], splits: int, seed: int) -> None:
        """`folders` of the embeddings by name; each sample is halved `splits` times with `seed`."""
        self.folders = {name: Path(folder) for name, folder in folders.items()}
        self.splits, self.seed = splits, seed
        self._samples: dict[tuple[str, str, str], Sample | None] = {}
        self._read: dict[str, Any] = {}

    def of(self, name: str | None, what: str, language: str = "") -> Sample | None:
        """Observations of the embedding `name`; None where there are too few, or none at all.

        `what` is text (the sentence embeddings), texts, segments, languages, task or
        task_batch_summed; `language` "" stands for the task's English sample.
        """
        if name is None:
            return None
        key = name, what, language
        if key not in self._samples:
            points = self._points(name, what, language)
            enough = points is not None and len(points) >= FEWEST
            self._samples[key] = self._halved(points, f"{name}/{language}") if enough else None
        return self._samples[key]

    def _halved(self, points: Any, label: str) -> Sample:
        return Sample(points, halvings(len(points), self.splits, self.seed, label))

    def _points(self, name: str, what: str, language: str) -> Any:
        if name not in self._read:
            self._read[name] = read_embedding(self.folders[name])
        table, arrays = self._read[name]
        here = np.array([own == language for own in table["language"].to_pylist()], dtype=bool)
        if what in ("texts", "segments"):
            column = table["text" if what == "texts" else what].to_pylist()
            return [value for value, kept in zip(column, here, strict=True) if kept]
        if what == "languages":
            return arrays[what][here] if what in arrays else None
        return arrays.get(what)
