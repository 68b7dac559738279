"""CPU seconds that starting a job costs, with a preloaded Python and without.

    python benchmarks/job_start.py --jobs 20

Starts a job that imports what a fine-tune imports and ends, alternately in both ways, and counts
the user and system seconds of every process that took part: the shell, the job's own Python, the
parent that it was forked from. What the parent imports, once, stands apart.
"""

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
from contextlib import suppress
from pathlib import Path

from readme import put_section, table

SCRIPTS = Path(__file__).resolve().parent.parent / "workflow" / "scripts"
# prctl(2): orphans of this process's children become its own children, whose seconds count.
PR_SET_CHILD_SUBREAPER = 36
# Stands for Snakemake: offers the parent, or does not, and starts the jobs one after another.
HOST = """
import subprocess, sys
from xstilts.jobs.preloaded import launch
preloaded, script, jobs = sys.argv[1] == "True", sys.argv[2], int(sys.argv[3])
if preloaded:
    launch.offer(lambda: True, print)
for _ in range(jobs):
    subprocess.run([sys.executable, script], check=True)
"""
JOB = """
from types import SimpleNamespace
import snakemake.iocontainers, snakemake.logging
from xstilts.jobs.scripting import run_script

def main(snakemake):
    import xstilts.training.target, xstilts.training.intermediate

run_script(main, SimpleNamespace(threads=1, log=[{log!r}], rule="job", config={{}}), True)
"""


def cpu_seconds(folder: Path, preloaded: bool, jobs: int) -> float:
    """User and system seconds of `jobs` jobs and all that belongs to them."""
    script = folder / "job.py"
    script.write_text(JOB.format(log=str(folder / "log")), encoding="utf-8")
    before = _used()
    words = [str(preloaded), str(script), str(jobs)]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", HOST, *words], check=True, env=environment)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return _used() - before


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__ or ""))
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    seconds: dict[tuple[bool, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.turns):
            # One job holds what is paid once; the difference is what the others cost.
            for key in [(True, 1), (False, 1), (True, arguments.jobs), (False, arguments.jobs)]:
                seconds.setdefault(key, []).append(cpu_seconds(Path(folder), *key))
    best = {key: min(values) for key, values in seconds.items()}
    text = section(best, arguments.jobs)
    print(text)
    put_section("job start", text)


def section(best: dict[tuple[bool, int], float], jobs: int) -> str:
    """The table, of the least seconds by way and number of jobs."""
    lines = []
    for preloaded, words in ((False, "import for themselves"), (True, "fork from a preloaded one")):
        each = (best[preloaded, jobs] - best[preloaded, 1]) / (jobs - 1)
        lines.append([words, f"{best[preloaded, 1]:.2f}", f"{each:.2f}"])
    return f"""## What the start of a job costs

CPU seconds of jobs that import what a fine-tune imports and end, and of all processes that take
part; the least of several turns. What the preloaded Python imports is in its first job.

{table(["jobs", "the first", "each further one"], lines)}

Made by `python benchmarks/job_start.py`.
"""


if __name__ == "__main__":
    main()
