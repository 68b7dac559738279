r"""Predict the gain of each intermediate task for a target task or a language not in the study.

  # Swahili and Quechua, for every target task of the study
  python -m xstilts.inference predict --gains gains.parquet --similarity similarity.parquet \
      --language sw qu --output expected.tsv

  # A new target task. new.tsv has the columns `intermediate` and `similarity`: how similar the
  # new task is to each intermediate task, by the measure that is named.
  python -m xstilts.inference predict --gains gains.parquet --similarity similarity.parquet \
      --measure text_embedding --target my_task --similarities new.tsv --output expected.tsv

  # A new intermediate task, from numbers of one's own: sizes.csv has the columns `source` and
  # `examples`, for the study's tasks and for the new one.
  python -m xstilts.inference predict --gains scores.csv --column score=accuracy --baseline plain \
      --intermediate my_task --features sizes.csv --output expected.tsv

  # The smallest set of intermediate tasks of which one is within a point of the best for a new
  # target, nine times in ten.
  python -m xstilts.inference predict --gains gains.parquet --similarity similarity.parquet \
      --measure text_embedding --target my_task --similarities new.tsv --candidates set.tsv

A new task may be joined by languages; neither gives the study's own rows, each as the other target
tasks predict it. A table of features says of whom it is by its columns: intermediate (or source),
target, language, or several of them. The result is a table of intermediate, target, language, gain
with low and high (points), the confidence of the interval, and whether the study observed the row.
Intervals come from leaving out each target task, intermediate task or language in turn. They are
wide for a new task: a study of nine has seen how much gains differ between targets nine times.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts.core.errors import StudyError, nearest
from xstilts.core.files import write_text
from xstilts.core.tsv import rows_of, tsv
from xstilts.inference.answer_command import add_reading

if TYPE_CHECKING:
    import pandas as pd

    from xstilts.inference.prediction.expected_gains import StudyData

SUMMARY = "expected gains for a target task or a language that is not in the study"


def _file(metavar: str, said: str, **others: Any) -> dict[str, Any]:
    """The settings of an option that names a file."""
    return {"type": Path, "metavar": metavar, "help": said, **others}


ARGUMENTS: dict[str, dict[str, Any]] = {
    "--gains": _file(
        "TABLE",
        "intermediate or source, target (, language, seed), gain or score (Parquet, TSV or CSV)",
        required=True,
    ),
    "--similarity": _file(
        "TABLE", "similarities in the study: intermediate, target, similarity (, measure)"
    ),
    "--measure": {"help": "which measure of that table; needed if it has several"},
    "--features": _file(
        "TABLE",
        "numbers of tasks, of languages, or of pairs of them that may predict gains",
        nargs="+",
        default=[],
    ),
    "--intermediate": {"metavar": "NAME", "help": "an intermediate task not in the study"},
    "--target": {"metavar": "NAME", "help": "a target task that is not in the study"},
    "--similarities": _file(
        "TABLE",
        "similarity of the new task to each of the other side: intermediate (for a new target) or "
        "target (for a new intermediate task), similarity",
    ),
    "--language": {"nargs": "+", "default": [], "metavar": "CODE", "help": "ISO 639-1 codes"},
    "--languages-table": _file(
        "TSV",
        "language, in_pretraining, pretraining_GiB and l2v_syntax_shared_ang of languages of your "
        "own; default: those of resources/languages.tsv, and XLM-R's pretraining",
    ),
    "--without-languages": {
        "nargs": "*",
        "default": ["en"],
        "metavar": "CODE",
        "help": "languages of the study that are no zero-shot transfer; default: en",
    },
    "--candidates": _file(
        "TSV",
        "with --target: a file for the smallest set of intermediate tasks of which one is nearly "
        "best, with the confidence asked for",
    ),
    "--within": {
        "type": float,
        "default": 1.0,
        "metavar": "POINTS",
        "help": "below the best that count as nearly best; default: 1",
    },
    "--confidence": {"type": float, "default": 0.9, "help": "of the intervals; default: 0.9"},
    "--output": _file("TSV", "a file; default: the terminal"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_reading(parser)
    for name, settings in ARGUMENTS.items():
        parser.add_argument(name, **settings)


def run(arguments: argparse.Namespace) -> None:
    """Predicts and writes the table; what it had to assume goes to the terminal as sentences.

    Raises:
        StudyError: an argument or a table is wrong, or the study too small.
    """
    if not 0 < arguments.confidence < 1:
        raise StudyError("--confidence must lie between 0 and 1, as 0.9 does.")
    if arguments.candidates is not None and arguments.target is None:
        raise StudyError("--candidates is of a new target task: name it with --target.")
    if not 0 <= arguments.within < float("inf"):
        raise StudyError("--within are points from 0 up, as 1 is.")
    _check_new_task(arguments)
    evidence, problems = _evidence(arguments)
    expected, remarks = _predict(evidence, arguments)
    problems += remarks
    problems += evidence.problems(
        arguments.language, new_intermediate=arguments.intermediate is not None
    )
    if expected.empty:
        raise StudyError(" ".join(["nothing can be predicted.", *problems]))
    if arguments.candidates is not None:
        problems.append(_write_candidates(evidence, expected, arguments))
    for problem in problems:
        print(problem, file=sys.stderr)
    _write(expected, arguments.output)


def _write_candidates(
    evidence: "StudyData", expected: "pd.DataFrame", arguments: argparse.Namespace
) -> str:
    """Write the candidate set of the new target; what it holds, in a sentence."""
    sets = evidence.candidates_for(arguments.target, expected, arguments.within)
    _write(sets, arguments.candidates)
    own = sets.iloc[0]
    rows = expected["intermediate"].nunique()
    return (
        f"One of {own['candidates'].replace(',', ', ')} ({own['size']} of {rows} intermediate "
        f"tasks and none) is within {arguments.within:g} points of the best for "
        f"{arguments.target} with {own['confidence']:.0%} confidence: {arguments.candidates}"
    )


def _check_new_task(arguments: argparse.Namespace) -> None:
    if arguments.target is not None and arguments.intermediate is not None:
        raise StudyError(
            "--target and --intermediate: give one of them; for a pair of two new tasks a study "
            "says nothing."
        )
    option = "--intermediate" if arguments.intermediate is not None else "--target"
    new = arguments.target is not None or arguments.intermediate is not None
    if arguments.similarities is not None and not new:
        raise StudyError(
            f"{option} and --similarities go together: the name of the new task, and a table of "
            "its similarity to each task of the other side."
        )
    if new and arguments.similarities is None and not arguments.features:
        raise StudyError(
            f"{option} and --similarities go together: the name of the new task, and a table of "
            "its similarity to each task of the other side; or --features, with rows of the new "
            "task."
        )


def _evidence(arguments: argparse.Namespace) -> tuple["StudyData", list[str]]:
    """What is predicted from, and sentences on what was assumed of it."""
    from xstilts.inference.any_table import column_names
    from xstilts.inference.languages import TABLE, languages_table
    from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS, task_similarity
    from xstilts.inference.prediction.expected_gains import StudyData
    from xstilts.inference.prediction.features import read_features
    from xstilts.inference.prediction.input_tables import read_gains, read_similarity

    names = column_names(arguments.column)
    gains = read_gains(arguments.gains, names, arguments.baseline, arguments.lower_is_better)
    evidence = StudyData(
        gains=gains.rows,
        similarity=task_similarity(read_similarity(arguments.similarity), arguments.measure),
        languages=languages_table(arguments.languages_table or TABLE, LANGUAGE_COLUMNS),
        without_languages=arguments.without_languages,
        confidence=arguments.confidence,
        features=[read_features(path) for path in arguments.features],
    )
    return evidence, list(gains.problems)


def _predict(
    evidence: "StudyData", arguments: argparse.Namespace
) -> tuple["pd.DataFrame", list[str]]:
    """The expected gains, and sentences on what stands at its average."""
    listed = set(evidence.languages["language"])
    known = listed.union(*(each.names("language") for each in evidence.features))
    for code in arguments.language:
        if code not in known:
            raise StudyError(
                f"--language: there is no '{code}' in the table of languages; "
                f"{nearest(code, known)} A language of your own needs a row in a table of your "
                "own (--languages-table, or --features)."
            )
    if arguments.target is not None:
        return _new_task(evidence, arguments, "target", "intermediate")
    if arguments.intermediate is not None:
        return _new_task(evidence, arguments, "intermediate", "target")
    if not arguments.language:
        return evidence.own(), []
    ran = [code for code in arguments.language if not evidence.can_be_new(code)]
    if ran:
        raise StudyError(
            f"--language: the study has run {', '.join(ran)} for every target task, or it is no "
            "zero-shot transfer (--without-languages); leave it out."
        )
    return evidence.in_languages(arguments.language), []


def _new_task(
    evidence: "StudyData", arguments: argparse.Namespace, side: str, other: str
) -> tuple["pd.DataFrame", list[str]]:
    """A new task of one side; `other` is the side of the study's own."""
    from xstilts.inference.prediction.input_tables import read_similarities

    name = vars(arguments)[side]
    if name in set(evidence.rows[side]):
        raise StudyError(
            f"--{side}: '{name}' is in the study; give a new task another name, or leave --{side} "
            "out and name languages."
        )
    others = set(evidence.rows[other])
    problems = []
    similarity = _no_similarities(other)
    if arguments.similarities is not None:
        similarity = read_similarities(arguments.similarities, others, other)
        problems = [
            f"{arguments.similarities} has no similarity of {each}: predicted as at the average."
            for each in sorted(others - set(similarity.dropna()[other]))
        ]
    problems += [
        f"{each.source} has no row of {name}: its features stand at their average."
        for each in evidence.features
        if side in each.keys and name not in each.names(side)
    ]
    make = evidence.for_target if side == "target" else evidence.for_intermediate
    return make(name, similarity, arguments.language), problems


def _no_similarities(side: str) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame({side: [], "similarity": []}).astype({side: object, "similarity": float})


def _write(expected: "pd.DataFrame", output: Path | None) -> None:
    text = tsv(*rows_of(expected), numbers=".6g")
    try:
        print(text, end="", flush=True) if output is None else write_text(output, text)
    except BrokenPipeError:
        # The reader (`head`) has seen enough; Python must not try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise StudyError(f"--output: cannot write {output} ({error.strerror}).") from None
