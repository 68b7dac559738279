"""`python -m xstilts.inference COMMAND …`: analyses of any table, without Snakemake."""

import argparse
import sys

from mixed_models import command as mixed_command
from mixed_models.errors import ModelError
from xstilts.core.errors import StudyError
from xstilts.inference import answer_command
from xstilts.inference.prediction import command as predict_command

# Each module has SUMMARY, `add_arguments(parser)` and `run(arguments)`, and imports nothing slow.
COMMANDS = {"answer": answer_command, "mixed": mixed_command, "predict": predict_command}


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    found = argparse.ArgumentParser(prog="python -m xstilts.inference", description=__doc__)
    commands = found.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return found


def main(words: list[str] | None = None) -> int:
    """Runs a command; a mistake of the user's ends as one sentence and exit status 1."""
    arguments = parser().parse_args(words)
    try:
        COMMANDS[arguments.command].run(arguments)
    except (ModelError, StudyError) as error:
        print(f"xstilts: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
