"""Where a number comes from: the family tree of a run, with what determined it and what it cost."""

import argparse

from xstilts.commands.study_options import add_study_arguments, chosen_study

SUMMARY = "where a number comes from"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study's options, and --cell or --run."""
    add_study_arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--cell",
        metavar="INTERMEDIATE/TARGET/SEED",
        help="a cell of the grid; without SEED, the first",
    )
    which.add_argument("--run", metavar="NAME", help="a run, or the beginning of its name")
    parser.add_argument(
        "--encoder", metavar="NAME", help="which of several encoders the cell is of"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print the family tree."""
    from xstilts.commands.command_text import explain

    question = {"cell": arguments.cell} if arguments.cell else {"run": arguments.run}
    print(explain(chosen_study(arguments).study, question, arguments.encoder))
