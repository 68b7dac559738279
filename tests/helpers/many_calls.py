"""Many calls of Snakemake for the price of one start: `python many_calls.py FILE`.

FILE holds a JSON list of lists of arguments; each is called in a child of this process, and what it
printed, with its exit status, goes to standard output as JSON. A call takes half a second.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from snakemake.cli import main


def call(arguments: list[str]) -> tuple[int, str]:
    """Exit status of `snakemake arguments`, and all that it printed."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            status = 70
            try:
                main(arguments)
                status = 0
            except SystemExit as error:
                if isinstance(error.code, str):
                    print(error.code, file=sys.stderr)
                status = error.code if isinstance(error.code, int) else 1
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return status, output.read().decode()


if __name__ == "__main__":
    wanted = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps([call(arguments) for arguments in wanted]))
