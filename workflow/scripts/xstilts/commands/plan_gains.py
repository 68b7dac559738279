"""Gains that a study has already, of full and of cheap runs, for whoever plans the next ones."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xstilts.core.fidelity import FULL, PUBLISHED, in_a_sentence
from xstilts.core.paths import FIDELITY
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.grid import Study

Pair = tuple[str, str]


@dataclass(frozen=True)
class KnownGains:
    """Mean gains by intermediate and target task, in points.

    Attributes:
        full: of full runs.
        cheap: of runs at the study's fidelity, over a baseline as cheap.
        compared: what cheap runs told of full ones, in a sentence.
    """

    full: Mapping[Pair, float]
    cheap: Mapping[Pair, float] = field(default_factory=dict)
    compared: str = ""


def known_gains(study: AnyStudy) -> KnownGains:
    """What the study's tables hold; of several encoders the mean over those that have a pair.

    Raises:
        StudyError: a table cannot be read.
    """
    gains = [_of_encoder(own) for own in study.by_encoder.values()]
    compared = [own.compared for own in gains if own.compared]
    return KnownGains(
        _means([own.full for own in gains]),
        _means([own.cheap for own in gains]),
        compared[0] if compared else "",
    )


def _of_encoder(study: Study) -> KnownGains:
    from xstilts.inference.prediction.study_tables import gains_of_tasks

    without = study.config["inference"]["without_languages"]
    own, beside = (
        gains_of_tasks(folder / "gains.parquet", without)
        for folder in (study.tables, study.tables / FIDELITY)
    )
    if study.config["fidelity"] is None:
        return KnownGains(own)
    # Where no full cell was run, the study's tables are of the cheap ones.
    if _fidelity_of(study.tables) != FULL:
        own, beside = {}, {**beside, **own}
    return KnownGains(own, beside, _compared(study.tables / "fidelity.tsv"))


def _means(tables: list[Mapping[Pair, float]]) -> dict[Pair, float]:
    pairs = dict.fromkeys(pair for table in tables for pair in table)
    values = {pair: [table[pair] for table in tables if pair in table] for pair in pairs}
    return {pair: sum(own) / len(own) for pair, own in values.items()}


def _fidelity_of(tables: Path) -> str:
    rows = _rows(tables / "index.tsv")
    return rows[0].get("fidelity", FULL) if rows else FULL


def _compared(path: Path) -> str:
    return in_a_sentence(_rows(path)) or PUBLISHED


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))
