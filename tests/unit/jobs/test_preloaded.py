"""A job that the preloaded parent runs is to everybody else the process that Snakemake started."""

import os
import shutil
import signal
import sys

import pytest

from helpers.preloading import Host, is_running, wait_for_text, wait_until_gone
from xstilts.jobs.preloaded import launch
from xstilts.jobs.preloaded.loaded_code import snapshot
from xstilts.jobs.preloaded.wire import OFFER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")

WAITS = """
facts.write_text(f"{os.getpid()} {os.getppid()}")
while not Path("go").exists():
    time.sleep(0.01)
Path("done").touch()
"""


@pytest.fixture(scope="module")
def scripts(root):
    return root / "workflow" / "scripts"


@pytest.fixture(scope="module")
def shared(scripts, tmp_path_factory):
    """A host whose jobs harm neither it nor its parent."""
    host = Host(tmp_path_factory.mktemp("host"), scripts)
    yield host
    host.end()


@pytest.fixture
def host(scripts, tmp_path):
    found = Host(tmp_path / "host", scripts)
    yield found
    found.end()


def served(host: Host) -> bool:
    return "imports its libraries itself" not in host.log.read_text()


def test_the_libraries_are_there_and_the_parent_has_one_thread(shared):
    ended = shared.run(
        """
loaded = "torch" in sys.modules
import torch
a = torch.ones(300, 300, requires_grad=True)
(a @ a).sum().backward()
tasks = os.listdir(f"/proc/{os.getppid()}/task")
facts.write_text(f"{loaded} {a.grad.sum().item():.0f} {len(tasks)}")
"""
    )
    assert ended.returncode == 0, ended.stderr
    assert shared.said() == f"True {2 * 300**3} 1"
    assert served(shared)


def test_what_a_process_inherits_is_handed_on(shared):
    shared.run("pass")  # whose environment is the parent's from now on
    (shared.folder / "inner").mkdir(exist_ok=True)
    body = """
Path("made").touch()
mode = oct(Path("made").stat().st_mode & 0o777)
print("to the log")
print("to the terminal", file=sys.__stdout__, flush=True)
print("complaint", file=sys.__stderr__, flush=True)
name = sys.modules["__main__"].__name__
facts.write_text(f"{os.getcwd()} {mode} {os.environ['TMPDIR']} {sys.argv} {name} {__file__}")
"""
    ended = shared.run(body, prefix="cd inner; umask 077;", TMPDIR=str(shared.folder))
    script, inner = str(shared.script), shared.folder / "inner"
    assert shared.said() == f"{inner} 0o600 {shared.folder} {[script]} __main__ {script}"
    assert (ended.stdout, ended.stderr) == ("to the terminal\n", "complaint\n")
    assert "to the log" in shared.log.read_text()
    assert served(shared)


def test_random_numbers_are_not_the_same_in_every_job(shared):
    body = "import numpy, random; facts.write_text(f'{numpy.random.rand()} {random.random()}')"
    drawn = []
    for _ in range(2):
        shared.run(body)
        drawn += shared.said().split()
    assert len(set(drawn)) == 4


ENDS = {
    "well": ("pass", 0, ""),
    "with a status": ("sys.exit(7)", 7, ""),
    "with a sentence": (
        "from xstilts.core.errors import StudyError; raise StudyError('mend the file.')",
        1,
        "some_rule: mend the file.\n",
    ),
    "by its own exit functions": (
        "import atexit; atexit.register(lambda: print('bye', file=sys.__stderr__))",
        0,
        "bye\n",
    ),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
    "crashed": ("os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV, ""),
    "without memory": ("raise MemoryError('of its own')", 1, None),
}


@pytest.mark.parametrize("way", ENDS)
def test_a_job_ends_as_its_child_does(shared, way):
    body, status, complaint = ENDS[way]
    ended = shared.run(body)
    assert ended.returncode == status
    assert complaint is None or ended.stderr == complaint
    assert served(shared)


def test_sigterm_reaches_the_child(shared):
    body = """
from xstilts.core import termination
with termination.graceful_sigterm():
    facts.write_text("ready")
    while True:
        time.sleep(0.01)
        termination.raise_if_requested()
"""
    job = shared.start(body)
    shared.said()
    job.send_signal(signal.SIGTERM)
    complaint = job.communicate(timeout=60)[1]
    assert job.returncode == 1
    assert "told to end (SIGTERM)" in complaint


def test_sigterm_ends_a_job_that_does_not_heed_it(shared):
    job = shared.start("facts.write_text(str(os.getpid()))\ntime.sleep(300)")
    child = int(shared.said())
    job.send_signal(signal.SIGTERM)
    assert job.wait(timeout=60) == -signal.SIGTERM
    wait_until_gone(child)
    job.communicate()


def test_a_killed_client_takes_its_child_along_and_no_other(shared):
    first = shared.start(WAITS)
    child, parent = map(int, shared.said().split())
    second = shared.start("facts.write_text(str(os.getpid()))\ntime.sleep(300)")
    other = int(shared.said())
    first.kill()
    wait_until_gone(child)
    assert is_running(other)
    assert is_running(parent)
    second.kill()
    for job in (first, second):
        job.communicate()
    wait_until_gone(other)


def test_a_killed_parent_costs_no_job(host):
    job = host.start(WAITS)
    child, parent = map(int, host.said().split())
    host.facts.unlink()
    os.kill(parent, signal.SIGKILL)
    wait_until_gone(child)
    own, _ = map(int, host.said().split())
    assert own == job.pid
    (host.folder / "go").touch()
    assert job.wait(timeout=60) == 0, job.communicate()
    assert "the preloaded Python has ended" in host.log.read_text()
    job.communicate()
    assert host.run("facts.write_text(str(os.getppid()))").returncode == 0
    assert served(host)
    assert int(host.said()) not in (parent, os.getpid())


def test_a_job_outlives_its_snakemake_and_the_parent_ends_with_it(host):
    job = host.start(WAITS)
    _, parent = map(int, host.said().split())
    os.kill(host.process.pid, signal.SIGKILL)
    host.process.wait()
    assert is_running(parent)
    (host.folder / "go").touch()
    assert job.wait(timeout=60) == 0
    assert (host.folder / "done").exists()
    wait_until_gone(parent)
    job.communicate()


def test_the_parent_ends_with_an_idle_snakemake(host):
    host.run("facts.write_text(str(os.getppid()))")
    parent = int(host.said())
    assert is_running(parent)
    host.process.stdin.close()
    host.process.wait(timeout=60)
    wait_until_gone(parent)


def test_edited_code_is_never_served(scripts, tmp_path):
    copy = tmp_path / "scripts"
    shutil.copytree(scripts, copy, ignore=shutil.ignore_patterns("__pycache__"))
    host = Host(tmp_path / "host", copy)
    body = """
from xstilts.core import naming
facts.write_text(f"{os.getppid()} {getattr(naming, 'PLANTED', None)}")
"""
    try:
        host.run(body)
        parent, planted = host.said().split()
        assert (served(host), planted) == (True, "None")
        edited = copy / "xstilts" / "core" / "naming.py"
        edited.write_text(edited.read_text() + "\nPLANTED = 1\n")
        host.run(body)
        assert "code was edited since" in host.log.read_text()
        assert host.said().split()[1] == "1"
        wait_until_gone(int(parent))
        host.run(body)
        assert served(host)
        assert host.said().split()[0] != parent
        assert host.said().split()[1] == "1"
    finally:
        host.end()


def test_an_edit_that_hides_itself_is_seen(tmp_path):
    file = tmp_path / "a" / "b.py"
    file.parent.mkdir()
    file.write_text("x = 1\n")
    before, status = snapshot(tmp_path), file.stat()
    file.write_text("x = 2\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert snapshot(tmp_path) != before
    (tmp_path / "a" / "__pycache__").mkdir()
    now = snapshot(tmp_path)
    (tmp_path / "a" / "__pycache__" / "b.pyc").touch()
    assert snapshot(tmp_path) == now


OWN = {
    "another environment": ({"MKL_CBWR": "COMPATIBLE"}, "", "MKL_CBWR"),
    "a limit of its own": ({}, "ulimit -v 30000000;", "limits (ulimit)"),
    "another priority": ({}, "renice -n 5 $$ > /dev/null;", "priority"),
}


@pytest.mark.parametrize("why", OWN)
def test_a_job_that_differs_runs_by_itself_and_says_why(shared, why):
    environment, prefix, named = OWN[why]
    shared.run("pass")
    ended = shared.run("facts.write_text(str(os.getpid()))", prefix, **environment)
    assert ended.returncode == 0, ended.stderr
    said = shared.log.read_text()
    assert f"it differs from the preloaded Python in {named}." in said


def test_a_memory_limit_ends_the_job_alone(shared):
    body = "facts.write_text('x'); a = bytearray(4 * 2**30)"
    ended = shared.run(body, prefix="ulimit -v 4000000;")
    assert ended.returncode == 1
    assert "MemoryError" in ended.stderr
    assert shared.run("pass").returncode == 0


def test_no_parent_where_jobs_are_sent_elsewhere(scripts, tmp_path):
    host = Host(tmp_path / "host", scripts, may_serve=False)
    try:
        ended = host.run("facts.write_text(str(os.getpid()))")
        assert ended.returncode == 0, ended.stderr
    finally:
        host.end()


def test_a_parent_that_cannot_start_is_tried_twice_and_told(scripts, tmp_path):
    copy = tmp_path / "scripts"
    shutil.copytree(scripts, copy, ignore=shutil.ignore_patterns("__pycache__"))
    broken = copy / "xstilts" / "training" / "target.py"
    broken.write_text("raise ImportError('planted')\n")
    host = Host(tmp_path / "host", copy)
    try:
        for _ in range(3):
            assert host.run("facts.write_text('ran')").returncode == 0
        assert "No preloaded Python can be had" in wait_for_text(host.errors)
        assert host.errors.read_text().count("ImportError: planted") == launch.TRIES
    finally:
        host.end()


def test_an_offer_is_withdrawn(monkeypatch):
    monkeypatch.setenv(OFFER, "[]")
    launch.withdraw_offer()
    assert OFFER not in os.environ
    launch.withdraw_offer()
