"""Ask the Hub once for the newest commits of all that a study takes from it, and keep them.

They land in config/revisions.lock.yaml below the working directory; what stands there stays.
"""

import argparse

from xstilts.commands.study_options import add_study_arguments, chosen_study

SUMMARY = "pin the newest commits of what a study takes from the Hub"
add_arguments = add_study_arguments


def run(arguments: argparse.Namespace) -> None:
    """Print what was pinned."""
    from xstilts.commands.pinning import pin

    study = chosen_study(arguments).study
    print(*pin(study.repositories, endpoint=study.config["hub_endpoint"]), sep="\n")
