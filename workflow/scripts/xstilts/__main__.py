"""xstilts: what is asked of a study beside running it, and analyses of any table of transfer.

`xstilts COMMAND --help` says more of each. A study is run by `snakemake`.
"""

import argparse
import os
import sys
from types import ModuleType

from mixed_models.errors import ModelError
from xstilts.commands.program import (
    data_report,
    explain,
    forecast,
    pin,
    prune,
    renames,
    sbatch_preview,
    stale,
)
from xstilts.core.errors import StudyError
from xstilts.inference.__main__ import COMMANDS as ANALYSES

# Of a study: each module has SUMMARY, `add_arguments(parser)` and `run(arguments)`.
STUDY_COMMANDS = {
    "forecast": forecast,
    "stale": stale,
    "prune": prune,
    "explain": explain,
    "pin": pin,
    "data-report": data_report,
    "sbatch-preview": sbatch_preview,
    "renames": renames,
}
COMMANDS: dict[str, ModuleType] = {**STUDY_COMMANDS, **ANALYSES}


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    program = argparse.ArgumentParser(prog="xstilts", description=__doc__)
    commands = program.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return program


def main(words: list[str] | None = None) -> int:
    """Run a command; a mistake of the user's ends as one sentence and exit status 1."""
    reader = parser()
    arguments, passed_on = reader.parse_known_args(words)
    module = COMMANDS[arguments.command]
    if passed_on and not getattr(module, "PASSES_ON", False):
        reader.error(f"unrecognized arguments: {' '.join(passed_on)}")
    arguments.passed_on = passed_on
    try:
        module.run(arguments)
        sys.stdout.flush()
    except (ModelError, StudyError) as error:
        print(f"xstilts: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output (`| head`) has seen enough; nothing is left to be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
