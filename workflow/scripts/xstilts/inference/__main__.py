"""`python -m xstilts.inference COMMAND …`: analyses of any table, without Snakemake."""

import sys

from mixed_models import command as mixed_command
from mixed_models.errors import ModelError
from xstilts.core.errors import StudyError
from xstilts.core.program import arguments_of, run_command
from xstilts.inference import answer_command
from xstilts.inference.prediction import command as predict_command

# Each module has SUMMARY, `add_arguments(parser)` and `run(arguments)`, and imports nothing slow.
COMMANDS = {"answer": answer_command, "mixed": mixed_command, "predict": predict_command}


def main(words: list[str] | None = None) -> int:
    """Run a command; a mistake of the user's ends as one sentence and exit status 1."""
    program = arguments_of("python -m xstilts.inference", __doc__, COMMANDS)
    return run_command(program, COMMANDS, words, (ModelError, StudyError))


if __name__ == "__main__":
    sys.exit(main())
