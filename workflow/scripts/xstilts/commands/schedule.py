"""How long a set of jobs takes on so many cores: they start in order of priority when they can."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence


def wall_seconds(
    seconds: Mapping[str, float],
    parents: Mapping[str, Sequence[str]],
    cores: int,
    gpu_jobs: frozenset[str] = frozenset(),
    gpus: int = 1,
) -> float:
    """Seconds from the first start to the last end of a greedy schedule (Graham 1969).

    Args:
        seconds: of each job, the most urgent first.
        parents: jobs that must end before a job starts; those not in `seconds` are done.
        cores: jobs at a time.
        gpu_jobs: jobs of which only `gpus` run at a time.
        gpus: see there.
    """
    order = {job: rank for rank, job in enumerate(seconds)}
    waits = {
        job: {parent for parent in parents.get(job, ()) if parent in seconds} for job in seconds
    }
    frees = defaultdict(list)
    for job, blockers in waits.items():
        for blocker in blockers:
            frees[blocker].append(job)
    # Apart, so that nobody looks through thousands of jobs that wait for a GPU at each job's end.
    ready: dict[bool, list[int]] = {True: [], False: []}
    for job, blockers in waits.items():
        if not blockers:
            heapq.heappush(ready[job in gpu_jobs], order[job])
    names, now, free_gpus = list(seconds), 0.0, gpus
    running: list[tuple[float, int]] = []
    while running or any(ready.values()):
        while len(running) < cores:
            open_to = [ready[on_gpu] for on_gpu in (True, False) if free_gpus or not on_gpu]
            first = min(filter(None, open_to), key=lambda ranks: ranks[0], default=None)
            if first is None:
                break
            job = names[heapq.heappop(first)]
            free_gpus -= job in gpu_jobs
            heapq.heappush(running, (now + seconds[job], order[job]))
        now, rank = heapq.heappop(running)
        free_gpus += names[rank] in gpu_jobs
        for job in frees[names[rank]]:
            waits[job].discard(names[rank])
            if not waits[job]:
                heapq.heappush(ready[job in gpu_jobs], order[job])
    return now
