"""The simulated schedule, against schedules drawn by hand and Graham's bounds."""

import time

from hypothesis import given
from hypothesis import strategies as st

from xstilts.commands.schedule import wall_seconds


def test_by_hand():
    # Two cores: a and b start; c waits for a; d for both.
    #   core 1: a a a | c c | .
    #   core 2: b | e e e e | d
    seconds = {"a": 3, "b": 1, "c": 2, "d": 1, "e": 4}
    parents = {"c": ["a"], "d": ["a", "b"]}
    assert wall_seconds(seconds, parents, 2) == 6
    assert wall_seconds(seconds, parents, 1) == 11
    # With all the cores: a, then c.
    assert wall_seconds(seconds, parents, 5) == 5


def test_parents_that_are_done_do_not_hold_up():
    assert wall_seconds({"a": 2}, {"a": ["long done"]}, 1) == 2


def test_nothing_takes_no_time():
    assert wall_seconds({}, {}, 2) == 0


def test_one_gpu_job_at_a_time():
    seconds = {"a": 5, "b": 5, "c": 2}
    gpu = frozenset({"a", "b"})
    assert wall_seconds(seconds, {}, 4, gpu, gpus=1) == 10
    assert wall_seconds(seconds, {}, 4, gpu, gpus=2) == 5
    assert wall_seconds(seconds, {}, 4) == 5


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=15),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_grahams_bounds(lengths, cores, random):
    seconds = {str(job): float(length) for job, length in enumerate(lengths)}
    parents = {
        str(job): [str(one) for one in range(job) if random.random() < 0.3]
        for job in range(len(lengths))
    }
    ends: dict[str, float] = {}
    for job, length in seconds.items():
        ends[job] = length + max((ends[one] for one in parents[job]), default=0.0)
    chain, total = max(ends.values()), sum(lengths)
    wall = wall_seconds(seconds, parents, cores)
    assert max(chain, total / cores) <= wall <= total / cores + chain * (1 - 1 / cores) + 1e-9


@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 4),
    st.integers(1, 2),
)
def test_the_most_urgent_job_that_can_start_does(jobs, cores, gpus):
    """Against a clock that ticks: at every second whoever fits starts, in order."""
    waiting = dict(enumerate(jobs))
    running: dict[int, int] = {}
    clock = 0
    while waiting or running:
        for job, (length, on_gpu) in list(waiting.items()):
            busy = sum(jobs[one][1] for one in running)
            if len(running) < cores and (busy < gpus or not on_gpu):
                running[job] = length
                del waiting[job]
        clock += 1
        running = {job: left - 1 for job, left in running.items() if left > 1}
    on_gpus = frozenset(str(job) for job, (_, on_gpu) in enumerate(jobs) if on_gpu)
    seconds = {str(job): length for job, (length, _) in enumerate(jobs)}
    assert wall_seconds(seconds, {}, cores, on_gpus, gpus) == clock


def test_twenty_thousand_jobs_that_wait_for_one_gpu():
    names = [str(job) for job in range(20_000)]
    begun = time.process_time()
    assert wall_seconds(dict.fromkeys(names, 1.0), {}, 16, frozenset(names)) == 20_000
    # Two minutes where each end looks at all who wait.
    assert time.process_time() - begun < 5
