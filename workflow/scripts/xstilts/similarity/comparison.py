"""Every intermediate task against every target task, by every measure: similarity.parquet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from xstilts.similarity.measures import Measure, measure_of
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
        rows: list[dict[str, Any]] = []
        for name in self.plan["measures"]:
            measure = measure_of(name)
            rows += self._rows(name, measure, measure.of_dyads(name, self))
        for name in self.plan["language_measures"]:
            measure = measure_of(name)
            rows += self._rows(name, measure, self._compared_in_languages(name, measure))
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def _rows(
        self, name: str, measure: Measure, similarities: dict[Dyad, np.ndarray | None]
    ) -> Iterator[dict]:
        share = self._reliability(measure, similarities)
        for (intermediate, target, language), values in similarities.items():
            low, high = (None, None) if values is None else interval(values)
            yield {
                "measure": name,
                "intermediate": intermediate,
                "target": target,
                "language": language,
                "similarity": None if values is None else float(values[0]),
                "low": low,
                "high": high,
                "reliability": None if values is None else share,
            }

    def _reliability(
        self, measure: Measure, similarities: dict[Dyad, np.ndarray | None]
    ) -> float | None:
        """Over the pairs that are known and not the same sample twice.

        The same labelled examples on both sides (MNLI and XNLI) always agree with themselves,
        which says nothing of the measure.
        """
        role = _role(measure)
        intermediates, targets = self.plan["intermediates"], self.plan["targets"]
        known = {
            dyad: values
            for dyad, values in similarities.items()
            if values is not None
            and (
                measure.reads_runs
                or dyad[2] is not None
                or intermediates[dyad[0]][role] != targets[dyad[1]][role]
            )
        }
        if not known:
            return None
        columns = [f"{target} {language}" for _, target, language in known]
        return reliability(
            np.array(list(known.values())), [intermediate for intermediate, _, _ in known], columns
        )

    def compared(self, name: str, measure: Measure) -> dict[Dyad, np.ndarray | None]:
        """Values of every pair of tasks by their samples; None where one has too few examples."""
        role = _role(measure)
        tasks = {
            task: self.samples.of(own[role], measure.compares)
            for task, own in (self.plan["intermediates"] | self.plan["targets"]).items()
        }
        self.report(name, measure, [task for task, sample in tasks.items() if sample is None])
        pairs: dict[Dyad, tuple[Any, Any]] = {
            (intermediate, target, None): (intermediate, target)
            for intermediate in self.plan["intermediates"]
            for target in self.plan["targets"]
        }
        return self._by_measure(measure, tasks, pairs)

    def _compared_in_languages(self, name: str, measure: Measure) -> dict[Dyad, np.ndarray | None]:
        tasks = {
            (task, ""): self.samples.of(own["text"], "languages")
            for task, own in self.plan["intermediates"].items()
        }
        for task, own in self.plan["targets"].items():
            for language in own["languages"]:
                tasks[task, language] = self.samples.of(task, "languages", language)
        lacking = [" in ".join(key) for key, sample in tasks.items() if not sample]
        self.report(name, measure, lacking)
        pairs = {
            (intermediate, target, language): ((intermediate, ""), (target, language))
            for intermediate in self.plan["intermediates"]
            for target, task in self.plan["targets"].items()
            for language in task["languages"]
        }
        return self._by_measure(measure, tasks, pairs)

    def _by_measure(
        self,
        measure: Measure,
        tasks: dict[Any, Sample | None],
        pairs: dict[Dyad, tuple[Any, Any]],
    ) -> dict[Dyad, np.ndarray | None]:
        known = {task: sample for task, sample in tasks.items() if sample is not None}
        if not known:
            return dict.fromkeys(pairs)
        fitted = measure.fit(list(known.values()), self.plan["seed"])
        summaries = {task: fitted.summarise(sample) for task, sample in known.items()}
        return {
            dyad: fitted.compare(summaries[first], summaries[second])
            if first in known and second in known
            else None
            for dyad, (first, second) in pairs.items()
        }

    def report(self, name: str, measure: Measure, tasks: list[str]) -> None:
        """Tell of the tasks that a measure has no sample of."""
        if tasks:
            reason = "too few texts"
            if measure.is_labelled:
                reason = "no labelled training set, or too few examples in it"
            self.problems.append(f"{name} is not known of {', '.join(tasks)}: {reason}.")


def _role(measure: Measure) -> str:
    """Which of a task's embeddings has what a measure compares."""
    return "labels" if measure.is_labelled else "text"
