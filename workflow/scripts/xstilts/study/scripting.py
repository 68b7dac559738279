"""How a rule's script starts and how it fails."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from xstilts.study.errors import StudyError
from xstilts.study.interruption import Interrupted


def run_script(main: Callable[[Any], None], snakemake: Any) -> None:
    """Call `main(snakemake)` with all output in the rule's log.

    A mistake that a user can mend ends the script with its one sentence, in the log and on the
    terminal; a fault of the program also leaves its traceback in the log.
    """
    # Before torch or numpy are imported, which read it once. One process per core beats threads,
    # and the number of threads decides in which order sums are added.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(snakemake.threads)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    problem = None
    with (
        log.open("w", encoding="utf-8") as stream,
        redirect_stdout(stream),
        redirect_stderr(stream),
    ):
        try:
            main(snakemake)
        except StudyError as error:
            problem = str(error)
        except Interrupted:
            problem = "told to end (SIGTERM); the next call goes on from its last checkpoint."
        except OSError as error:
            traceback.print_exc()
            problem = f"{error.strerror or error} ({error.filename or 'no file named'})."
        except Exception as error:
            traceback.print_exc()
            problem = f"{type(error).__name__}: {error} (traceback in {log})."
        if problem:
            print(problem)
    if problem:
        sys.exit(f"{snakemake.rule}: {problem}")
