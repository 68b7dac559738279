"""Which stages an edit of the code renames, and through which definitions.

With FILEs: what any edit of them can rename. Comments, docstrings, messages of rooms that decide
nothing, moves and new definitions that nothing reaches rename nothing.
With --diff REV: what the working tree renames against a commit.
"""

import argparse
from pathlib import Path

from xstilts.commands.study_options import REPOSITORY
from xstilts.core.errors import StudyError

SUMMARY = "which stages an edit of the code renames"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add FILE… and --diff."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--diff", metavar="REV", help="a commit to compare the working tree with")


def run(arguments: argparse.Namespace) -> None:
    """Print the stages."""
    from xstilts.commands.renames import read_code, read_revision, renamed, text_of, users_of

    if bool(arguments.files) == bool(arguments.diff):
        raise StudyError("xstilts renames: name files, or a commit with --diff REV.")
    code = read_code()
    for file in arguments.files:
        print(text_of(users_of(file, code), f"{file}: an edit can rename"))
    if arguments.diff:
        before, same = read_revision(arguments.diff, REPOSITORY)
        print(text_of(renamed(before, code), f"Since {arguments.diff} the code renames"))
        if not same:
            print("How digests are made has changed as well, which may rename every run.")
