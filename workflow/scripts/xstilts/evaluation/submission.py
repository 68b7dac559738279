"""Predictions in the format of an XTREME submission.

    python -m xstilts.evaluation.submission validate FOLDER

checks a folder and says what XTREME would not take; it ends with 1 if there is anything.

XTREME's own copy of the Tatoeba test sets stands in another order than the public one, and its
long tagged sentences are cut; predictions on public copies therefore have its format, and its
scores where evaluate.py is given labels in the same order.
"""

import argparse
import csv
import json
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xstilts.core.draws import half_of
from xstilts.core.errors import StudyError
from xstilts.core.files import write_text
from xstilts.evaluation.cells import done_cells, predictions_of
from xstilts.evaluation.gains import BASELINE
from xstilts.evaluation.submission_check import problems_of
from xstilts.evaluation.submission_formats import FORMATS, Format

COLUMNS = ("language", "example_id", "prediction", "gold")
Table = Mapping[str, Sequence[str]]


def write_target(
    target: str, paths: Sequence[str], folder: Path, languages: Collection[str] | None = None
) -> list[str]:
    """Write the files of one target below `folder`, one per language of its predictions.

    Args:
        target: our name of it.
        paths: predictions files: one, or one for each half of the sentences (`half_of`).
        folder: of the submission.
        languages: those to write; None: all that the predictions have.

    Returns:
        The names of the files.

    Raises:
        StudyError: XTREME has no such target, or a Tatoeba prediction is no sentence of it.
    """
    if target not in FORMATS:
        raise StudyError(f"XTREME has no task like '{target}'; it knows {', '.join(FORMATS)}.")
    form = FORMATS[target]
    halves = [_read(path, target) for path in paths]
    written = []
    for language in dict.fromkeys(halves[0]["language"].to_pylist()):
        if language not in form.languages or (languages and language not in languages):
            continue
        tables = [half.filter(pc.equal(half["language"], language)) for half in halves]
        rows = _joined([table.to_pydict() for table in tables])
        name = form.file(language)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_text(folder / name, _TEXTS[form.kind](rows, form, f"{target} {language}"))
        written.append(name)
    return written


def write_submissions(
    cells: Iterable[Mapping[str, Any]], best: Iterable[Mapping[str, str]], folder: Path
) -> list[str]:
    """Write `folder`/best and `folder`/none; what each lacks to be complete, as sentences.

    Args:
        cells: mappings with intermediate, target, seed and predictions (path).
        best: rows of best.tsv (target, intermediate, seed); a target that is not there is left
            out. A choice made by halves answers each half by its own row.
        folder: where both submissions go.
    """
    paths: dict[tuple[str, ...], str] = {}
    asked: dict[str, list[str] | None] = {}
    for cell in cells:
        asked[cell["target"]] = cell.get("languages")
        paths[cell["target"], cell["intermediate"], str(cell["seed"])] = cell["predictions"]
        # Where the chosen row of a half has no run with the seed, its first one.
        paths.setdefault((cell["target"], cell["intermediate"]), cell["predictions"])
    problems = []
    for name in ("best", BASELINE):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for row in best:
            rows = row["intermediate"].split(" / ") if name == "best" else [BASELINE]
            own = [
                paths.get((row["target"], task, row["seed"])) or paths[row["target"], task]
                for task in rows
            ]
            if row["target"] in FORMATS:
                write_target(row["target"], own, folder / name, asked[row["target"]])
        problems += [f"{name}/{problem}" for problem in problems_of(folder / name)]
    return problems


def submit(cells: str, index: Path, best: Path, folder: Path, notes: Path) -> None:
    """Write a study's submissions below `folder`, and what they lack to `notes`.

    Args:
        cells: the study's cells as JSON, in its order.
        index: its index.tsv.
        best: its best.tsv.
        folder: written anew.
        notes: a sentence a line.

    Raises:
        StudyError, DamagedRun: as `done_cells`.
    """
    done = done_cells(cells, predictions_of(cells), index)
    with best.open(encoding="utf-8", newline="") as stream:
        chosen = list(csv.DictReader(stream, delimiter="\t"))
    shutil.rmtree(folder, ignore_errors=True)
    problems = write_submissions(done, chosen, folder)
    write_text(notes, "".join(f"{problem}\n" for problem in problems))


def _read(path: str, target: str) -> pa.Table:
    table = pq.read_table(path, columns=["target", *COLUMNS])
    return table.filter(pc.equal(table["target"], target))


def _joined(halves: Sequence[Table]) -> Table:
    """Each sentence's prediction from the table of its half, in the order of the first."""
    first = halves[0]
    by_half = [dict(zip(half["example_id"], half["prediction"], strict=True)) for half in halves]
    taken = [
        by_half[half_of(identifier) % len(by_half)][identifier]
        for identifier in first["example_id"]
    ]
    return {**first, "prediction": taken}


def _labels(rows: Table, form: Format, where: str) -> str:
    named = dict(form.named)
    return "".join(f"{named.get(label, label)}\n" for label in rows["prediction"])


def _tags(rows: Table, form: Format, where: str) -> str:
    return "\n".join("".join(f"{tag}\n" for tag in tags.split()) for tags in rows["prediction"])


def _answers(rows: Table, form: Format, where: str) -> str:
    answers = dict(zip(rows["example_id"], rows["prediction"], strict=True))
    return json.dumps(answers, ensure_ascii=False, indent=2) + "\n"


def _pairs(rows: Table, form: Format, where: str) -> str:
    pairs = zip(rows["example_id"], rows["prediction"], strict=True)
    return "".join(f"{source}\t{english}\n" for source, english in pairs if english)


def _places(rows: Table, form: Format, where: str) -> str:
    # Both files stand in the same order, so the gold answers are the other language's sentences.
    place_of = {source: line for line, source in enumerate(rows["gold"])}
    try:
        return "".join(f"{place_of[source]}\n" for source in rows["prediction"])
    except KeyError as error:
        raise StudyError(
            f"{where}: {error} is predicted and is no English sentence's translation; "
            "make the predictions again."
        ) from None


_TEXTS = {
    "labels": _labels,
    "tags": _tags,
    "answers": _answers,
    "pairs": _pairs,
    "places": _places,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 where XTREME would take the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m xstilts.evaluation.submission", description="XTREME submissions."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    validate = commands.add_parser("validate", help="check a folder")
    validate.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    try:
        problems = problems_of(given.folder)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2
    print(*problems, sep="\n", end="\n" if problems else "")
    print(
        f"{given.folder}: {len(problems)} problems" if problems else f"{given.folder} is complete"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
