"""What to run for a given cost: of a study, or replayed on a grid of gains that is known.

    xstilts plan --configfile FILE --gpu-hours 100 --for slope
    xstilts plan --gains TABLE --similarity SIMILARITY --output regret.tsv

The first writes results/studies/<study>/plan.tsv and plan.yaml, which the config takes as
`selection`. The second sees of TABLE (a row per source and target, with a score or a gain) what it
has paid for and no more, and is judged by the rest.
"""

import argparse
from pathlib import Path

from xstilts.commands.study_options import add_study_arguments, chosen_study
from xstilts.core.errors import StudyError
from xstilts.inference.answer_command import add_reading

SUMMARY = "what to run for a given cost; or a plan replayed on a known grid"
PURPOSES = ("slope", "best", "coverage")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study's options, those of a plan, and those of a replay."""
    add_study_arguments(parser)
    plan = parser.add_argument_group("a plan of a study")
    plan.add_argument("--gpu-hours", type=_positive, metavar="H",
                      help="budget; hours of a core where the study trains on CPUs")  # fmt: skip
    plan.add_argument("--for", dest="purpose", choices=PURPOSES, default="slope",
                      help="what the runs are for (default: %(default)s)")  # fmt: skip
    plan.add_argument("--most-of-a-family", type=int, metavar="N",
                      help="slope: rows of one kind of task at most")  # fmt: skip
    plan.add_argument("--quota", action="append", default=[], metavar="NAME=N",
                      help="coverage: cells that a row, a target or a class of languages must "
                           "have, as in xnli=4 or class0=6")  # fmt: skip
    plan.add_argument("--fidelity", default="", metavar="NAME",
                      help="slope, coverage: cheap rows in place of full ones, by the name of the "
                           "config's fidelity")  # fmt: skip
    plan.add_argument("--seconds", type=_positive, default=40.0,
                      help="of the search (default: %(default)s)")  # fmt: skip
    _add_replay_arguments(parser.add_argument_group("a replay on a known grid"))
    parser.add_argument("--seed", type=int, default=1, help="of all draws (default: %(default)s)")


def _add_replay_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--gains", type=Path, metavar="TABLE", help="the whole grid")
    group.add_argument("--similarity", type=Path, help="table of source, target, similarity")
    group.add_argument("--cheap", type=Path, metavar="TABLE", help="the grid measured cheaply")
    group.add_argument("--cheap-price", type=_positive, default=0.25,
                       help="of a cheap cell, a full one being 1 (%(default)s)")  # fmt: skip
    group.add_argument("--encoder-price", type=_price, default=1.0,
                       help="of a source before its first target, a cell being 1 "
                            "(default: %(default)s)")  # fmt: skip
    add_reading(group)
    group.add_argument("--measure", help="the similarity measure, where there are several")
    group.add_argument("--steps", type=int, default=20, help="of the cost (default: %(default)s)")
    group.add_argument("--output", type=Path, default=Path("regret.tsv"),
                       help="table of regrets (default: %(default)s)")  # fmt: skip


def _price(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{word}' is no number from 0 up")
    return number


def _positive(word: str) -> float:
    number = _price(word)
    if number == 0:
        raise argparse.ArgumentTypeError("0 buys nothing: give a number above 0")
    return number


def run(arguments: argparse.Namespace) -> None:
    """Print the plan, or the replay.

    Raises:
        StudyError: no plan fits the budget, or an option or a file is not as it must be.
    """
    if arguments.gains is not None:
        if arguments.gpu_hours is not None or arguments.configfile:
            raise StudyError(
                "--gains replays a plan on a table and takes no --configfile and no --gpu-hours: "
                "leave out the one or the others."
            )
        print(_replay(arguments))
        return
    if arguments.gpu_hours is None:
        raise StudyError("a plan needs a budget: say --gpu-hours H, or --gains TABLE for a replay.")
    from xstilts.commands.planning import Wish, plan_study

    wish = Wish(
        arguments.purpose, arguments.gpu_hours, arguments.most_of_a_family,
        _quotas(arguments.quota), arguments.seconds, arguments.seed, arguments.fidelity,
    )  # fmt: skip
    print(plan_study(chosen_study(arguments).study, wish))


def _replay(arguments: argparse.Namespace) -> str:
    from xstilts.commands.replaying import replayed
    from xstilts.inference.any_table import column_names
    from xstilts.inference.prediction.replay import replay_grid

    grid, problems = replay_grid(
        arguments.gains, arguments.similarity, arguments.cheap, column_names(arguments.column),
        arguments.measure, arguments.baseline, arguments.lower_is_better,
        cheap_price=arguments.cheap_price, encoder_price=arguments.encoder_price,
    )  # fmt: skip
    return replayed(grid, problems, arguments.output, arguments.steps, arguments.seed)


def _quotas(words: list[str]) -> dict[str, int]:
    quotas = {}
    for word in words:
        name, equals, number = word.partition("=")
        if not equals or not number.isdecimal():
            raise StudyError(f"--quota {word}: write NAME=N, as in xnli=4")
        quotas[name] = int(number)
    return quotas
