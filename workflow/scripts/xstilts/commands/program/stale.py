"""Runs below results/ that neither this config nor any config in config/ names."""

import argparse

from xstilts.commands.study_options import REPOSITORY, add_study_arguments, chosen_study

SUMMARY = "which runs no config names any more, with sizes and ages"
add_arguments = add_study_arguments


def run(arguments: argparse.Namespace) -> None:
    """Print the list, and keep it for `prune`."""
    from xstilts.commands.command_text import list_stale

    print(list_stale(chosen_study(arguments).study, REPOSITORY))
