"""xstilts: what is asked of a study beside running it, and analyses of any table of transfer.

`xstilts COMMAND --help` says more of each. A study is run by `snakemake`.
"""

import argparse
import sys
from types import ModuleType

from mixed_models.errors import ModelError
from xstilts.commands.program import (
    answer,
    data_report,
    explain,
    forecast,
    keep,
    pin,
    plan,
    prune,
    renames,
    sbatch_preview,
    stale,
    watch,
)
from xstilts.core.errors import StudyError
from xstilts.core.program import arguments_of, run_command
from xstilts.inference.__main__ import COMMANDS as ANALYSES

# Of a study: each module has SUMMARY, `add_arguments(parser)` and `run(arguments)`.
STUDY_COMMANDS = {
    "forecast": forecast,
    "watch": watch,
    "stale": stale,
    "prune": prune,
    "explain": explain,
    "plan": plan,
    "keep": keep,
    "pin": pin,
    "data-report": data_report,
    "sbatch-preview": sbatch_preview,
    "renames": renames,
}
# The page of an answer stands above the room of inference.
COMMANDS: dict[str, ModuleType] = {**STUDY_COMMANDS, **ANALYSES, "answer": answer}


def parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    return arguments_of("xstilts", __doc__, COMMANDS)


def main(words: list[str] | None = None) -> int:
    """Run a command; a mistake of the user's ends as one sentence and exit status 1."""
    return run_command(parser(), COMMANDS, words, (ModelError, StudyError))


if __name__ == "__main__":
    sys.exit(main())
