"""What the study is, in one line."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from xstilts.core.fidelity import FULL, in_words
from xstilts.report.formats import count
from xstilts.report.frames import test_items
from xstilts.report.report_inputs import ReportInputs
from xstilts.sources import source_of


def study_line(inputs: ReportInputs) -> str:
    """Encoder, tasks, data, languages, seeds and test items a cell, as far as they are known."""
    return " · ".join(_parts(inputs))


def _parts(inputs: ReportInputs) -> Iterator[str]:
    if encoder := _encoder(inputs.config):
        yield encoder
    fidelity = str(inputs.answer.get("fidelity", FULL))
    if fidelity != FULL:
        yield f"cheap runs only ({fidelity}: {in_words(inputs.config['fidelity'])})"
    rows = [name for name in inputs.intermediates if name != "none"]
    yield f"{count(len(rows), 'intermediate task')} × {count(len(inputs.targets), 'target')}"
    generated = source_of(inputs.data).is_generated
    yield "generated text" if generated else f"source of data: {inputs.data}"
    if len(inputs.scores):
        languages = inputs.scores["language"].nunique()
        yield count(languages, "language")
    if len(inputs.index):
        yield count(inputs.index["seed"].nunique(), "seed")
    if items := _items(inputs.scores):
        yield items


def _encoder(config: Mapping[str, Any]) -> str:
    encoder = config.get("encoder")
    return str(encoder.get("name", "")) if isinstance(encoder, Mapping) else ""


def _items(scores: pd.DataFrame) -> str:
    if scores.empty:
        return ""
    numbers = test_items(scores)["n"].dropna()
    if numbers.empty:
        return ""
    low, high = int(numbers.min()), int(numbers.max())
    span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{span} test item{'' if high == 1 else 's'} a language"
