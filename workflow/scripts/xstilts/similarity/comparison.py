"""Every intermediate task against every target task, by every measure: similarity.parquet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from xstilts.similarity.artifacts import read_evidence
from xstilts.similarity.measures import Measure
from xstilts.similarity.measures.discrepancy import NegativeDiscrepancy
from xstilts.similarity.measures.frechet import NegativeFrechetDistance
from xstilts.similarity.measures.input_formats import FormatOverlap
from xstilts.similarity.measures.mean_cosine import MeanCosine
from xstilts.similarity.measures.transport import NegativeTransportDistance
from xstilts.similarity.measures.vocabulary import VocabularyOverlap
from xstilts.similarity.resampling import Sample, interval, reliability
from xstilts.similarity.samples import Samples

SCHEMA = pa.schema(
    {
        "measure": pa.string(),
        "intermediate": pa.string(),
        "target": pa.string(),
        "language": pa.string(),
        "similarity": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "reliability": pa.float64(),
    }
)

# Measure -> what it compares of each task, and how it is fitted on all samples.
MEASURES: dict[str, tuple[str, Callable[[list[Sample], int], Measure]]] = {
    "text_embedding": ("text", lambda samples, seed: MeanCosine()),
    "negative_mmd": ("text", lambda samples, seed: NegativeDiscrepancy.fit(samples)),
    "negative_frechet_distance": (
        "text",
        lambda samples, seed: NegativeFrechetDistance.fit(samples),
    ),
    "negative_transport_distance": ("text", NegativeTransportDistance.fit),
    "vocabulary_overlap": ("texts", VocabularyOverlap.fit),
    "format_overlap": ("segments", lambda samples, seed: FormatOverlap()),
    "task_embedding": ("task", lambda samples, seed: MeanCosine()),
    "task_embedding_batch_summed": ("task_batch_summed", lambda samples, seed: MeanCosine()),
}
LABELLED = ("task_embedding", "task_embedding_batch_summed", "log_evidence")

Dyad = tuple[str, str, str | None]


@dataclass
class Comparison:
    """The tasks of a study, ready to be compared.

    Attributes:
        plan: measures, language_measures, subsamples, seed; intermediates and targets by name,
            each with the names of the embeddings that hold its `text` and its `labels`;
            `embeddings` and `evidence`: folders by name.
        problems: sentences on what could not be compared.
        samples: what is compared.
    """

    plan: dict[str, Any]
    problems: list[str] = field(init=False)
    samples: Samples = field(init=False)

    def __post_init__(self) -> None:
        self.problems = list(self.plan["problems"])
        self.samples = Samples(self.plan["embeddings"], self.plan["subsamples"], self.plan["seed"])

    def table(self) -> pa.Table:
        """similarity.parquet; rows whose similarity cannot be known are null."""
        rows = []
        for measure in self.plan["measures"]:
            found = self._evidence() if measure == "log_evidence" else self._compared(measure)
            rows += self._rows(measure, found)
        for measure in self.plan["language_measures"]:
            rows += self._rows(measure, self._compared_in_languages(measure))
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def _rows(self, measure: str, found: dict[Dyad, np.ndarray | None]) -> Iterator[dict]:
        share = self._reliability(measure, found)
        for (intermediate, target, language), values in found.items():
            low, high = (None, None) if values is None else interval(values)
            yield {
                "measure": measure,
                "intermediate": intermediate,
                "target": target,
                "language": language,
                "similarity": None if values is None else float(values[0]),
                "low": low,
                "high": high,
                "reliability": None if values is None else share,
            }

    def _reliability(self, measure: str, found: dict[Dyad, np.ndarray | None]) -> float | None:
        """Over the pairs that are known and not the same sample twice.

        The same labelled examples on both sides (MNLI and XNLI) always agree with themselves,
        which says nothing of the measure.
        """
        role = "labels" if measure in LABELLED else "text"
        intermediates, targets = self.plan["intermediates"], self.plan["targets"]
        known = {
            dyad: values
            for dyad, values in found.items()
            if values is not None
            and (
                measure == "log_evidence"
                or dyad[2] is not None
                or intermediates[dyad[0]][role] != targets[dyad[1]][role]
            )
        }
        if not known:
            return None
        columns = [f"{target} {language}" for _, target, language in known]
        return reliability(np.array(list(known.values())), [one for one, _, _ in known], columns)

    def _compared(self, measure: str) -> dict[Dyad, np.ndarray | None]:
        what, _ = MEASURES[measure]
        role = "labels" if measure in LABELLED else "text"
        tasks = {
            name: self.samples.of(task[role], what)
            for name, task in (self.plan["intermediates"] | self.plan["targets"]).items()
        }
        self._report(measure, [name for name, sample in tasks.items() if sample is None])
        pairs = {
            (one, other, None): (one, other)
            for one in self.plan["intermediates"]
            for other in self.plan["targets"]
        }
        return self._by_measure(measure, tasks, pairs)

    def _compared_in_languages(self, measure: str) -> dict[Dyad, np.ndarray | None]:
        tasks = {
            (name, ""): self.samples.of(task["text"], "languages")
            for name, task in self.plan["intermediates"].items()
        }
        for name, task in self.plan["targets"].items():
            for language in task["languages"]:
                tasks[name, language] = self.samples.of(name, "languages", language)
        self._report(measure, [" in ".join(key) for key, sample in tasks.items() if not sample])
        pairs = {
            (one, other, language): ((one, ""), (other, language))
            for one in self.plan["intermediates"]
            for other, task in self.plan["targets"].items()
            for language in task["languages"]
        }
        return self._by_measure(measure, tasks, pairs)

    def _by_measure(
        self, name: str, tasks: dict[Any, Sample | None], pairs: dict[Dyad, tuple[Any, Any]]
    ) -> dict[Dyad, np.ndarray | None]:
        known = {task: sample for task, sample in tasks.items() if sample is not None}
        if not known:
            return dict.fromkeys(pairs)
        measure = MEASURES[name][1](list(known.values()), self.plan["seed"])
        summaries = {task: measure.summarise(sample) for task, sample in known.items()}
        return {
            dyad: measure.compare(summaries[one], summaries[other])
            if one in known and other in known
            else None
            for dyad, (one, other) in pairs.items()
        }

    def _evidence(self) -> dict[Dyad, np.ndarray | None]:
        found: dict[Dyad, np.ndarray | None] = {}
        lacking = [name for name, task in self.plan["targets"].items() if task["labels"] is None]
        self._report("log_evidence", lacking)
        for intermediate, folders in self.plan["evidence"].items():
            seeds = [read_evidence(Path(one)) for one in folders]
            for target, task in self.plan["targets"].items():
                own = [values[task["labels"]] for values in seeds if task["labels"] in values]
                found[intermediate, target, None] = np.mean(own, axis=0) if own else None
                if not own and task["labels"]:
                    self.problems.append(
                        f"log_evidence is not known of {intermediate} and {target}: the "
                        f"intermediate run diverged, or {task['labels']} has too few labels."
                    )
        return found

    def _report(self, measure: str, tasks: list[str]) -> None:
        if tasks:
            reason = "too few texts"
            if measure in LABELLED:
                reason = "no labelled training set, or too few examples in it"
            self.problems.append(f"{measure} is not known of {', '.join(tasks)}: {reason}.")
