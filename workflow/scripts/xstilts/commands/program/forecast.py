"""What this config would run again, why, and what it will cost.

A line per job goes into results/studies/<study>/forecast.tsv.
"""

import argparse
import os

from xstilts.commands.study_options import add_study_arguments, chosen_study

SUMMARY = "what would run, why, and at which cost"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study's options, --cores and --gpus."""
    add_study_arguments(parser)
    parser.add_argument("--cores", "-c", type=_cores, default="all", metavar="N",
                        help="jobs at a time (default: all cores)")  # fmt: skip
    parser.add_argument("--gpus", type=positive, default=1, metavar="N",
                        help="jobs on a GPU at a time (default: 1)")  # fmt: skip


def _cores(word: str) -> int:
    return len(os.sched_getaffinity(0)) if word == "all" else positive(word)


def positive(word: str) -> int:
    """A positive whole number, as an argument.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"'{word}' is no positive whole number")
    return int(word)


def run(arguments: argparse.Namespace) -> None:
    """Print the forecast."""
    from xstilts.commands.command_text import forecast

    chosen = chosen_study(arguments)
    print(forecast(chosen.study, chosen.snakefile, chosen.config, arguments.cores, arguments.gpus))
