"""Does similarity predict gain in a table of transfer of one's own?

    python -m xstilts.inference answer TABLE --similarity SIMILARITY --output FOLDER

TABLE (.csv, .tsv, .parquet) has a row per source and target (, language, seed) with a score or a
gain; columns of other names are named by --column, as in `--column score=affinity`. The folder gets
inference.json and the tables; `xstilts answer` adds a page of them, answer.html.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xstilts.core.errors import StudyError

if TYPE_CHECKING:
    from xstilts.inference.run import Inference

SUMMARY = "answer whether similarity predicts gain, from any table of transfer"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("table", type=Path)
    parser.add_argument("--similarity", type=Path, help="table of source, target, similarity")
    parser.add_argument("--families", type=Path, help="table of task, family")
    parser.add_argument("--output", type=Path, default=Path("answer"), help="folder (%(default)s)")
    add_reading(parser)
    parser.add_argument("--measure", help="the similarity measure that the answer is of")
    parser.add_argument(
        "--run-sd",
        type=float,
        metavar="POINTS",
        help="of one seed: standard deviation of a score between training runs",
    )
    parser.add_argument("--run-sd-source", metavar="TEXT", help="where that is from")
    parser.add_argument("--seed", type=int, default=1, help="of relabellings and simulations")


def add_reading(parser: argparse._ActionsContainer) -> None:
    """Arguments on how a table of transfer is to be read."""
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="what the table calls intermediate, target, language, seed, score, gain, ...",
    )
    parser.add_argument("--baseline", help="the source whose score is taken from the others'")
    parser.add_argument("--lower-is-better", action="store_true", help="the score is a loss")


def run(arguments: argparse.Namespace) -> None:
    """Answers, and prints the answer with its limits and problems.

    Raises:
        StudyError: the table or an option is not as it must be.
    """
    say(answered(arguments))


def say(result: "Inference") -> None:
    """Print the answer with its limits and problems."""
    summary = result.summary
    print(summary["answer"], summary["limits"], *summary["problems"], sep="\n")


def answered(arguments: argparse.Namespace) -> "Inference":
    """Answers, and writes inference.json and the tables.

    Raises:
        StudyError: the table or an option is not as it must be.
    """
    from xstilts.inference.any_table import answer_table, column_names

    return answer_table(
        arguments.table,
        arguments.output,
        similarity=arguments.similarity,
        families=arguments.families,
        columns=column_names(arguments.column),
        baseline=arguments.baseline,
        lower_is_better=arguments.lower_is_better,
        measure=arguments.measure,
        settings={"seed": arguments.seed, "run_sd": _run_deviation(arguments)},
    )


def _run_deviation(arguments: argparse.Namespace) -> dict[str, object] | None:
    value, source = arguments.run_sd, arguments.run_sd_source
    if value is None and not source:
        return None
    if value is None or not value > 0 or not source:
        raise StudyError(
            "--run-sd needs a number of points above 0, and --run-sd-source where it is from; give "
            "both or neither."
        )
    return {"value": value, "source": source}
