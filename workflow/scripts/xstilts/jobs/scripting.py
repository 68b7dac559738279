"""How a rule's script starts and how it fails."""

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from xstilts.core import receipts
from xstilts.core.errors import StudyError, without_password
from xstilts.core.locks import exclusive
from xstilts.core.receipts import DamagedRun, withdraw
from xstilts.core.termination import Interrupted
from xstilts.jobs.code_check import check_code
from xstilts.jobs.preloaded.client import hand_over


def run_script(
    main: Callable[[Any], None], snakemake: Any, imports_libraries: bool = False
) -> None:
    """Call `main(snakemake)` with all output in the rule's log.

    A mistake that a user can mend ends the script with its one sentence, in the log and on the
    terminal; a fault of the program also leaves its traceback in the log. Where files of an
    earlier run turn out to be damaged, that run is withdrawn.

    `imports_libraries` says that starting (torch and what stands on it) costs seconds: then a
    preloaded Python runs the script, where one is on offer.
    """
    # Before torch or numpy are imported, which read it once. One process per core beats threads,
    # and the number of threads decides in which order sums are added.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(snakemake.threads)
    refusal = hand_over() if imports_libraries else None
    log = Path(snakemake.log[0])
    problem = None
    if getattr(snakemake, "config", {}).get("code") != "pinned":
        receipts.CONDITIONS[:] = [check_code]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        # An orphan of a killed Snakemake may still be at the same job: then its result comes
        # first, and is replaced by this one's, which may go by a newer config. Not the log
        # itself, which Snakemake deletes before a job.
        with exclusive(log.with_name(f".{log.name}.lock"), f"at the job of {log}"):
            problem = _logged(main, snakemake, log, refusal)
    except OSError as error:
        # The log itself: there is nowhere to say more.
        problem = problem or _sentence(error)
    if problem:
        sys.exit(without_password(f"{snakemake.rule}: {problem}"))


def tell(sentences: Iterable[str]) -> None:
    """Say something in the log and on the terminal, where a user may look at once."""
    for sentence in sentences:
        print(sentence)
        print(sentence, file=sys.__stderr__, flush=True)


def _logged(
    main: Callable[[Any], None], snakemake: Any, log: Path, refusal: str | None
) -> str | None:
    """Why `main` failed, if it did. The log begins with why it had to import all by itself."""
    problem = None
    begun = time.monotonic()
    with (
        log.open("w", encoding="utf-8", buffering=1) as stream,
        redirect_stdout(stream),
        redirect_stderr(stream),
    ):
        if refusal:
            print(f"This job imports its libraries itself: {refusal}.")
        try:
            main(snakemake)
        except DamagedRun as error:
            problem = _withdrawn(error)
        except StudyError as error:
            problem = str(error)
        except Interrupted:
            problem = "told to end (SIGTERM); the next call goes on from its last checkpoint."
        except OSError as error:
            problem = _sentence(error)
            _record(traceback.format_exc())
        except Exception as error:
            problem = f"{type(error).__name__}: {error} (traceback in {log})."
            _record(traceback.format_exc())
        except BaseException as error:
            # Libraries in Rust (tokenizers) panic past Exception, on a regular expression for one.
            if type(error).__name__ != "PanicException":
                raise
            problem = (
                f"a library gave up on its input ({error}): the tokenizer or another file of the "
                "encoder is at fault, choose another encoder or revision."
            )
        if problem:
            _record(problem)
        # What a table costs, for the forecast; runs have receipts.
        wall, core = time.monotonic() - begun, time.process_time()
        _record(f"took {wall:.1f} s, {core:.1f} s of a core")
    return problem


def _sentence(error: OSError) -> str:
    return f"{error.strerror or error} ({error.filename or 'no file named'})."


def _withdrawn(error: DamagedRun) -> str:
    """What is said of a damaged run, and of the others that were found with it, once withdrawn."""
    return "\n".join(map(_withdrawn_alone, [error, *error.others]))


def _withdrawn_alone(error: DamagedRun) -> str:
    if not withdraw(error.folder):
        return str(error)
    return (
        f"{error.fact}: the run has been withdrawn, and the next call of snakemake makes "
        f"{error.folder} anew."
    )


def _record(text: str) -> None:
    """Into the log, unless the disk is full: what is wrong must still reach the terminal."""
    with suppress(OSError):
        print(without_password(text), flush=True)
