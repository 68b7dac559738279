"""The score and the gain of a cell, as the study's tables have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.layout import aligned
from xstilts.plan.grid import Cell, Study

MINUS = "\N{MINUS SIGN}"


def cell_result(study: Study, cell: Cell) -> str:
    """What the tables say of `cell`: the mean over its languages, and each of them.

    Raises:
        StudyError: a table cannot be read.
    """
    name = f"{cell.row} -> {cell.target}, seed {cell.seed}"
    tables = study.tables_of(cell)
    scores = [row for row in _rows(tables / "scores.parquet", cell) if row["primary"]]
    if not scores:
        return f"{name}: no score yet; run the study."
    gains = {row["language"]: row for row in _rows(tables / "gains.parquet", cell)}
    metric, languages = scores[0]["metric"], len(scores)
    score = _mean(row["value"] for row in scores)
    sentence = (
        f"{name}: {metric} {score:.1f}, the mean over {languages} language{'s' * (languages > 1)}"
    )
    if gains:
        gain = _mean(row["gain"] for row in gains.values())
        sentence += f"; gain {_signed(gain)} over the baseline"
    head = ["language", metric, "baseline", "gain", "95 % interval", "test items"]
    return f"{sentence}\n{aligned([head, *_lines(scores, gains)], numbers=range(1, len(head)))}"


def _lines(scores: list[dict[str, Any]], gains: dict[str, dict[str, Any]]) -> Iterator[list[str]]:
    for row in sorted(scores, key=lambda row: row["language"]):
        gain = gains.get(row["language"])
        ends = [f"{gain[key]:.1f}" for key in ("baseline", "low", "high")] if gain else []
        yield [
            row["language"],
            f"{row['value']:.1f}",
            ends[0] if gain else "",
            _signed(gain["gain"]) if gain else "",
            f"{_signed(gain['low'])} to {_signed(gain['high'])}" if gain else "",
            str(row["n"]),
        ]


def _mean(values: Any) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", MINUS)


def _rows(path: Path, cell: Cell) -> list[dict[str, Any]]:
    """The rows of a table that are of the cell; none where there is no table."""
    import pyarrow.parquet as pq

    if not path.is_file() or not path.stat().st_size:
        return []
    keys = [
        ("intermediate", "=", cell.intermediate),
        ("target", "=", cell.target),
        ("seed", "=", cell.seed),
    ]
    try:
        return pq.read_table(path, filters=keys).to_pylist()
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read ({error}); delete it and run again.") from None
