"""`python -m mixed_models TABLE …`: fit a mixed model to a table."""

import argparse
import sys

from . import command
from .errors import ModelError


def main(words: list[str] | None = None) -> int:
    """Fits the model; a mistake of the user's ends as one sentence and exit status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m mixed_models",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    try:
        command.run(parser.parse_args(words))
    except ModelError as error:
        print(f"mixed_models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
