"""A dry run is quick: `xstilts.core` imports nothing heavy and plans the largest study fast."""

import os
import subprocess
import sys
import time

import pytest

from xstilts.plan.grid import job_description

HEAVY = ("torch", "transformers", "datasets", "pandas", "numpy", "pyarrow", "altair")


@pytest.mark.parametrize("module", ["xstilts.core", "xstilts.plan.grid"])
def test_import_is_light_and_quick(root, module):
    script = (
        f"import sys, time\nbegun = time.process_time()\nimport {module}\n"
        "print(time.process_time() - begun)\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")}
    seconds = []
    for _ in range(4):
        command = [sys.executable, "-c", script]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        first, loaded = ended.stdout.split("\n")[:2]
        assert loaded == ""
        seconds.append(float(first))
        if min(seconds) < 0.3:
            break
    assert min(seconds) < 0.3


def test_the_largest_study_is_planned_within_two_seconds(plan):
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        study = plan(seeds=[1, 2, 3, 4, 5])
        runs = [*study.runs["intermediate"].values(), *study.runs["target"].values()]
        jobs = [job_description(run) for run in runs]
        study.table_of_cells()
        study.trained_tasks()
        seconds.append(time.process_time() - begun)
        if min(seconds) < 2:
            break
    assert len(jobs) == 50 + 5 * 66 + 102
    assert min(seconds) < 2
