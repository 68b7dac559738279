"""What is being trained now, how far it is, and how long the study still takes.

On a terminal it is shown anew until all is done, or until Ctrl-C; in a pipe once.
"""

import argparse
import sys
import time
from contextlib import suppress

from xstilts.commands.program import forecast
from xstilts.commands.study_options import chosen_study

SUMMARY = "what is being trained now, and how long the study still takes"
# A look plans the study once more, which takes a second or two of a core.
SECONDS = 15
CLEAR = "\x1b[2J\x1b[H"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `forecast` takes, and --every."""
    forecast.add_arguments(parser)
    parser.add_argument(
        "--every",
        type=forecast.positive,
        default=SECONDS,
        metavar="SECONDS",
        help=f"time between two looks on a terminal (default: {SECONDS})",
    )


def run(arguments: argparse.Namespace) -> None:
    """Print it, on a terminal again and again."""
    from xstilts.commands.watch import watched

    chosen = chosen_study(arguments)
    wanted = chosen.snakefile, chosen.config, arguments.cores, arguments.gpus
    with suppress(KeyboardInterrupt):
        while True:
            text, all_done = watched(chosen.study, *wanted)
            if not sys.stdout.isatty():
                print(text)
                return
            print(f"{CLEAR}{text}", flush=True)
            if all_done:
                return
            time.sleep(arguments.every)
