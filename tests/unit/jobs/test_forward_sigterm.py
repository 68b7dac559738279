"""A SIGTERM for a job's first process reaches its script, whatever handler comes later."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xstilts.jobs.forward_sigterm import children

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")

SCRIPT = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready", flush=True)
time.sleep(30)
"""

# As Snakemake does: a handler of its own, set later, that waits for the running jobs.
JOB = """
import signal, subprocess, sys
from xstilts.jobs.forward_sigterm import pass_on_sigterm
if sys.argv[2] == "pass on":
    pass_on_sigterm()
signal.signal(signal.SIGTERM, lambda *_: None)
print(subprocess.run([sys.executable, "-c", sys.argv[1]]).returncode, flush=True)
"""


@pytest.fixture
def job(root):
    started = []

    def start(how: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", JOB, SCRIPT, how],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")},
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_the_script_hears_of_it(job):
    process = job("pass on")
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "7\n"


def test_without_it_the_script_does_not(job):
    process = job("keep")
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.poll() is None
    assert len(children(process.pid)) == 1


def test_children_are_found_by_their_parent():
    process = subprocess.Popen(["sleep", "30"])
    try:
        assert process.pid in children(os.getpid())
        assert children(process.pid) == []
    finally:
        process.kill()
        process.wait()
