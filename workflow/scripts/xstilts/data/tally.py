"""What came of a preparation: counts, and sentences on everything that was left out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from xstilts.data.row_faults import DROPPED_SHARE, Faults
from xstilts.data.row_kind import RowKind

FEW = 3
"""Languages up to which each has a sentence of its own."""

Place = tuple[str, str]
"""Split and language."""


@dataclass
class Tally:
    """Counts that grow as rows are written; `dropped_share` is the most that may be left out."""

    task: str
    kind: RowKind
    dropped_share: float = DROPPED_SHARE
    rows: Counter = field(default_factory=Counter)
    sequences: Counter = field(default_factory=Counter)
    tokens: Counter = field(default_factory=Counter)
    labels: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    faults: dict[Place, Faults] = field(default_factory=dict)
    remarks: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))

    def open(self, split: str, language: str) -> Faults:
        """Begin a language of a split; its faults go where the answer says."""
        self.faults[split, language] = Faults(f"{self.task} {split} {language}")
        return self.faults[split, language]

    def add(
        self,
        split: str,
        language: str,
        examples: Sequence[object],
        records: list[dict],
        names: list[str] | None,
    ) -> None:
        """Count a batch of examples and the rows of the store that were made of them."""
        key = split, language
        self.rows[key] += len(records)
        self.sequences[split] += sum(len(row["input_ids"]) for row in records)
        self.tokens[split] += sum(len(sequence) for row in records for sequence in row["input_ids"])
        for example, row in zip(examples, records, strict=True):
            for remark, count in self.kind.remarks(example, row).items():
                self.remarks[remark][key] += count
            if names:
                self.labels[split].update(names[label] for label in self.kind.label_indices(row))

    def problems(self) -> list[str]:
        """Sentences that name task, split and language."""
        sentences = []
        for key, faults in self.faults.items():
            sentences += faults.sentences()
            if not self.rows[key]:
                sentences.append(f"{faults.where}: no examples.")
        for split in dict.fromkeys(split for split, _ in self.faults):
            for remark, counts in self.remarks.items():
                here = {language: n for (own, language), n in counts.items() if own == split and n}
                sentences += self._remarks(split, remark, here)
        return sentences

    def _remarks(self, split: str, remark: str, counts: dict[str, int]) -> list[str]:
        """One sentence for each language, or for all where these are many."""
        if len(counts) <= FEW:
            return [
                f"{self.task} {split} {language}: {n} {remark}." for language, n in counts.items()
            ]
        by_language = ", ".join(f"{language} {n}" for language, n in counts.items())
        return [f"{self.task} {split}: {sum(counts.values())} {remark}: {by_language}."]

    def reasons(self, split: str) -> str:
        """Why a split may have ended empty: its most frequent faults."""
        own = [faults for key, faults in self.faults.items() if key[0] == split]
        return " ".join([sentence for faults in own for sentence in faults.sentences()][:3])


def receipt(recipe: dict, names: list[str] | None, tally: Tally) -> dict:
    """The receipt of a preparation, plain JSON.

    rows: examples per split and language; sequences, tokens: per split; labels: names in order;
    label_counts: examples (tagging: words) per split and label; limits: as asked; dropped: rows per
    split, language and reason; problems: sentences.
    """
    rows: dict[str, dict[str, int]] = {split: {} for split in ("train", "dev", "test")}
    dropped: dict[str, dict[str, dict[str, int]]] = {}
    for (split, language), faults in tally.faults.items():
        rows[split][language] = tally.rows[split, language]
        if faults.counts:
            dropped.setdefault(split, {})[language] = dict(sorted(faults.counts.items()))
    return {
        "task": recipe["task"],
        "kind": recipe["kind"],
        "labels": names,
        "rows": rows,
        "sequences": {split: tally.sequences[split] for split in rows},
        "tokens": {split: tally.tokens[split] for split in rows},
        "label_counts": {
            split: dict(sorted(counts.items())) for split, counts in tally.labels.items()
        },
        "limits": recipe.get("limits", {}),
        "dropped": dropped,
        "problems": tally.problems(),
    }
