r"""Predict the gain of each intermediate task for a target task or a language not in the study.

  # Swahili and Quechua, for every target task of the study
  python -m xstilts.inference predict --gains gains.parquet --similarity similarity.parquet \
      --language sw qu --output expected.tsv

  # A new target task. new.tsv has the columns `intermediate` and `similarity`: how similar the
  # new task is to each intermediate task, by the measure that is named.
  python -m xstilts.inference predict --gains gains.parquet --similarity similarity.parquet \
      --measure text_embedding --target my_task --similarities new.tsv --output expected.tsv

Both together predict the new task in those languages; neither gives the study's own rows, each as
the other target tasks predict it. The result is a table of intermediate, target, language, gain
with low and high (points), the confidence of the interval, and whether the study observed the row.
Intervals come from leaving out each target task or language in turn. They are wide for a new task:
a study of nine has seen how much gains differ between targets nine times.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.core.errors import StudyError, nearest
from xstilts.core.files import write_atomically

if TYPE_CHECKING:
    import pandas as pd

    from xstilts.inference.prediction.predict import StudyData

SUMMARY = "expected gains for a target task or a language that is not in the study"
ARGUMENTS = {
    "--gains": {
        "type": Path,
        "required": True,
        "metavar": "TABLE",
        "help": "gains of a study: intermediate, target, language, gain (Parquet, TSV or CSV)",
    },
    "--similarity": {
        "type": Path,
        "required": True,
        "metavar": "TABLE",
        "help": "similarities in the study: measure, intermediate, target, similarity",
    },
    "--measure": {"help": "which measure of that table; needed if it has several"},
    "--target": {"metavar": "NAME", "help": "a target task that is not in the study"},
    "--similarities": {
        "type": Path,
        "metavar": "TABLE",
        "help": "similarity of that target to each intermediate task: intermediate, similarity",
    },
    "--language": {"nargs": "+", "default": [], "metavar": "CODE", "help": "ISO 639-1 codes"},
    "--languages-table": {
        "type": Path,
        "metavar": "TSV",
        "help": "iso639_1, in_xlmr, cc100_GiB and l2v_syntax_shared_ang of languages of your own; "
        "default: the fifty of XTREME and XTREME-R",
    },
    "--without-languages": {
        "nargs": "*",
        "default": ["en"],
        "metavar": "CODE",
        "help": "languages of the study that are no zero-shot transfer; default: en",
    },
    "--confidence": {"type": float, "default": 0.9, "help": "of the intervals; default: 0.9"},
    "--output": {"type": Path, "metavar": "TSV", "help": "a file; default: the terminal"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    for name, settings in ARGUMENTS.items():
        parser.add_argument(name, **settings)


def run(arguments: argparse.Namespace) -> None:
    """Predicts and writes the table; what it had to assume goes to the terminal as sentences.

    Raises:
        StudyError: an argument or a table is wrong, or the study too small.
    """
    if not 0 < arguments.confidence < 1:
        raise StudyError("--confidence must lie between 0 and 1, as 0.9 does.")
    if (arguments.target is None) != (arguments.similarities is None):
        raise StudyError(
            "--target and --similarities go together: the name of the new target task, and a "
            "table of its similarity to each intermediate task."
        )
    evidence = _evidence(arguments)
    expected, problems = _predict(evidence, arguments)
    problems += evidence.problems(arguments.language)
    if expected.empty:
        raise StudyError(" ".join(["nothing can be predicted.", *problems]))
    for problem in problems:
        print(problem, file=sys.stderr)
    _write(expected, arguments.output)


def _evidence(arguments: argparse.Namespace) -> "StudyData":
    from xstilts.inference.languages import TABLE, languages_table
    from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS, task_similarity
    from xstilts.inference.prediction.input_tables import read_gains, read_similarity
    from xstilts.inference.prediction.predict import StudyData

    return StudyData(
        gains=read_gains(arguments.gains),
        similarity=task_similarity(read_similarity(arguments.similarity), arguments.measure),
        languages=languages_table(arguments.languages_table or TABLE, LANGUAGE_COLUMNS),
        without_languages=arguments.without_languages,
        confidence=arguments.confidence,
    )


def _predict(
    evidence: "StudyData", arguments: argparse.Namespace
) -> tuple["pd.DataFrame", list[str]]:
    """The expected gains, and sentences on what stands at its average."""
    known = set(evidence.languages["iso639_1"])
    for code in arguments.language:
        if code not in known:
            raise StudyError(
                f"--language: there is no '{code}' in the table of languages; "
                f"{nearest(code, known)} A language of your own needs a row in a table of your "
                "own (--languages-table)."
            )
    if arguments.target is not None:
        return _new_target(evidence, arguments)
    if not arguments.language:
        return evidence.own(), []
    ran = [code for code in arguments.language if not evidence.can_be_new(code)]
    if ran:
        raise StudyError(
            f"--language: the study has run {', '.join(ran)} for every target task, or it is no "
            "zero-shot transfer (--without-languages); leave it out."
        )
    return evidence.in_languages(arguments.language), []


def _new_target(
    evidence: "StudyData", arguments: argparse.Namespace
) -> tuple["pd.DataFrame", list[str]]:
    from xstilts.inference.prediction.input_tables import read_similarities

    if arguments.target in set(evidence.rows["target"]):
        raise StudyError(
            f"--target: '{arguments.target}' is in the study; give a new task another name, or "
            "leave --target out and name languages."
        )
    intermediates = set(evidence.rows["intermediate"])
    similarity = read_similarities(arguments.similarities, intermediates)
    lacking = intermediates - set(similarity.dropna()["intermediate"])
    problems = [
        f"{arguments.similarities} has no similarity of {name}: predicted as at the average."
        for name in sorted(lacking)
    ]
    return evidence.for_target(arguments.target, similarity, arguments.language), problems


def _write(expected: "pd.DataFrame", output: Path | None) -> None:
    def write(place: object) -> None:
        expected.to_csv(place, sep="\t", index=False, float_format="%.6g")

    try:
        write(sys.stdout) if output is None else write_atomically(output, write)
    except BrokenPipeError:
        # The reader (`head`) has seen enough; Python must not try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise StudyError(f"--output: cannot write {output} ({error.strerror}).") from None
