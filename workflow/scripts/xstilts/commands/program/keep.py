r"""Which few intermediate encoders to keep: those that serve all targets and languages best.

    xstilts keep 3 --configfile FILE
    xstilts keep 3 --gains TABLE

Each target takes, in each language, the kept encoder with the largest gain, or none where no gain
is positive. What is lost against keeping all of them stands beside.
"""

import argparse
from pathlib import Path

from xstilts.commands.program.forecast import positive
from xstilts.commands.study_options import add_study_arguments, chosen_study
from xstilts.core.errors import StudyError
from xstilts.inference.answer_command import add_reading

SUMMARY = "the few intermediate encoders that serve all targets best"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the number of encoders, the study's options, and the table that may stand for it."""
    parser.add_argument("count", type=positive, metavar="K", help="encoders to keep")
    add_study_arguments(parser)
    parser.add_argument("--gains", type=Path, metavar="TABLE", help="gains of no study")
    add_reading(parser)
    parser.add_argument("--target", nargs="+", default=[], metavar="TASK", help="only these")
    parser.add_argument("--language", nargs="+", default=[], metavar="CODE", help="only these")


def run(arguments: argparse.Namespace) -> None:
    """Print which encoders to keep, and what each target takes and loses.

    Raises:
        StudyError: there are no gains, or a name is in none of them.
    """
    from xstilts.commands.keeping import kept_text
    from xstilts.inference.prediction.study_tables import gains_by_use, gains_of_table

    if arguments.gains is not None:
        if arguments.configfile:
            raise StudyError("--gains takes no --configfile: leave one of them out.")
        gains = gains_of_table(
            arguments.gains, arguments.column, arguments.baseline, arguments.lower_is_better
        )
    else:
        study = chosen_study(arguments).study
        gains = gains_by_use(study.tables / "gains.parquet")
    print(kept_text(gains, arguments.count, arguments.target, arguments.language))
