"""What `snakemake data_report` says: per task and language, which data are there and which not."""

import csv
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.layout import aligned, listed
from xstilts.core.paths import UNPINNED
from xstilts.core.tsv import write_tsv

Row = dict[str, Any]
Sizes = dict[tuple[str, str, str], int]

THERE, TO_FETCH, TO_PIN, MISSING, DAMAGED = "there", "to fetch", "to pin", "missing", "damaged"
COLUMNS = (
    "task", "split", "language", "state", "rows", "published_rows", "source", "dataset", "config",
    "part", "revision", "place", "licence", "remark",
)  # fmt: skip


def read_sizes(path: Path) -> Sizes:
    """Published numbers of rows by data set, configuration and split (resources/data_sizes.tsv)."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            (row["dataset"], row["config"], row["split"]): int(row["rows"])
            for row in csv.DictReader(stream, delimiter="\t")
        }


def look(parts: list[Row], sizes: Sizes) -> list[Row]:
    """The rows of `study.inventory` with state, rows, published_rows and remark.

    Only the ends of a file are read. `rows` are those of the whole file, also where a language's
    rows are picked out of it.
    """
    rows = []
    for part in parts:
        published = sizes.get((part["dataset"], part["config"], part["part"]))
        row = {**part, "published_rows": published, "remark": ""} | _state(part)
        if row["rows"] is not None and published not in (None, row["rows"]):
            row["remark"] = f"{row['rows']} rows where {published} were published"
        if row["state"] == DAMAGED:
            row["remark"] = "not a whole Parquet file: copy or fetch it again"
        rows.append(row)
    return rows


def _state(part: Row) -> Row:
    if part["is_made"]:
        return {"state": THERE, "rows": part["expected"], "published_rows": None}
    if part["files"]:
        try:
            rows = sum(pq.read_metadata(file).num_rows for file in part["files"])
        except (pa.ArrowException, OSError):
            return {"state": DAMAGED, "rows": None}
        return {"state": THERE, "rows": rows}
    if part["is_fetched"]:
        return {"state": TO_PIN if part["revision"] == UNPINNED else TO_FETCH, "rows": None}
    return {"state": MISSING, "rows": None}


def write_table(rows: list[Row], path: Path) -> None:
    """Write one line per task, split, language and file."""
    write_tsv(path, COLUMNS, rows)


def report(inventory: list[Row]) -> str:
    """The same for a terminal: a line per split, then what is missing, what differs, licences."""
    head = ["task", "split", "languages", "there", "rows", "from"]
    by_split = groupby(inventory, lambda row: (row["task"], row["split"]))
    table = [_line(list(rows)) for _, rows in by_split]
    blocks = [aligned([head, *table], numbers=(2, 3, 4))]
    for title, lines in (
        ("Not there yet", list(_absent(inventory))),
        ("Other than published", _remarks(inventory)),
        ("Licences", _licences(inventory)),
    ):
        blocks += [f"{title}:\n" + "\n".join(f"  {line}" for line in lines)] if lines else []
    return "\n\n".join(blocks)


def _line(rows: list[Row]) -> list[object]:
    languages = {row["language"] for row in rows}
    lacking = {row["language"] for row in rows if row["state"] != THERE}
    files = {row["place"]: row["rows"] for row in rows if row["rows"] is not None}
    # Every language of the demo is the same place.
    total = sum(row["rows"] or 0 for row in rows if row["is_made"]) or sum(files.values())
    origins = dict.fromkeys(f"{row['dataset']} ({row['source']})" for row in rows)
    first = rows[0]
    return [
        first["task"], first["split"], len(languages), len(languages - lacking), total,
        listed(list(origins)),
    ]  # fmt: skip


def _absent(inventory: list[Row]) -> Iterator[str]:
    def kind(row: Row) -> tuple[str, str, str]:
        return row["task"], row["split"], row["state"]

    for (task, split, state), rows in groupby(inventory, kind):
        files = list(dict.fromkeys(row["place"] for row in rows))
        if state == TO_PIN:
            yield f"{task} {split}: {_count(files)} of the Hub, once `snakemake pin` was run"
        elif state == TO_FETCH:
            yield f"{task} {split}: {_count(files)} of the Hub, which the study will fetch"
        elif state in (MISSING, DAMAGED):
            verb = "put it there by hand" if state == MISSING else "copy it anew"
            yield f"{task} {split}: {state}, {verb}: {listed(files)}"


def _count(files: list[str]) -> str:
    return f"{len(files)} file" + "s" * (len(files) != 1)


def _remarks(inventory: list[Row]) -> list[str]:
    remarks = (
        f"{row['dataset']} {row['config']} {row['part']}: {row['remark']}"
        for row in inventory
        if row["remark"]
    )
    return list(dict.fromkeys(remarks))


def _licences(inventory: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(f"{row['title']}: {row['licence'].strip()}" for row in inventory))
