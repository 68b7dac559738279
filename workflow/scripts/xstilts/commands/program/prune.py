"""Delete what `xstilts stale` listed last and is stale still."""

import argparse

from xstilts.commands.study_options import REPOSITORY, add_study_arguments, chosen_study

SUMMARY = "delete what `stale` listed last and is stale still"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study's options and --dry-run."""
    add_study_arguments(parser)
    parser.add_argument("--dry-run", "-n", action="store_true", help="only show what would go")


def run(arguments: argparse.Namespace) -> None:
    """Delete, and print what was deleted and what stays."""
    from xstilts.commands.command_text import prune_stale

    print(prune_stale(chosen_study(arguments).study, REPOSITORY, arguments.dry_run))
