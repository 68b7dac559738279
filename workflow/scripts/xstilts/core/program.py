"""Commands as modules: each has SUMMARY, `add_arguments(parser)` and `run(arguments)`."""

import argparse
import os
import sys
from collections.abc import Mapping
from types import ModuleType


def arguments_of(
    name: str, description: str | None, commands: Mapping[str, ModuleType]
) -> argparse.ArgumentParser:
    """The arguments of a program called `name` with these commands."""
    program = argparse.ArgumentParser(prog=name, description=description)
    words = program.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for word, module in commands.items():
        command = words.add_parser(
            word,
            help=module.SUMMARY,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return program


def run_command(
    program: argparse.ArgumentParser,
    commands: Mapping[str, ModuleType],
    words: list[str] | None,
    mistakes: tuple[type[Exception], ...],
) -> int:
    """Run a command; one of `mistakes`, the user's, ends as one sentence and exit status 1.

    What a command does not know is refused, unless its module says PASSES_ON.
    """
    arguments, passed_on = program.parse_known_args(words)
    module = commands[arguments.command]
    if passed_on and not getattr(module, "PASSES_ON", False):
        program.error(f"unrecognized arguments: {' '.join(passed_on)}")
    arguments.passed_on = passed_on
    try:
        module.run(arguments)
        sys.stdout.flush()
    except mistakes as error:
        print(f"xstilts: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output (`| head`) has seen enough; nothing is left to be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
