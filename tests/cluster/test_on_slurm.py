"""The tiny study on a real SLURM where everything goes wrong once, against a quiet run at home."""

import contextlib
import os
import re
import shutil
import signal
import time
from dataclasses import dataclass

import pytest

from helpers.cluster_study import STUDY, OnCluster
from helpers.study_folder import StudyFolder
from helpers.watching import Watch, told_to_end

pytestmark = pytest.mark.fault

TRAINING = ("finetune_intermediate", "finetune_target")
# Memory that no training can start in, at the first attempt of one run.
LITTLE = "300 if attempt == 1 and 'qqp--pos' in wildcards.run else 1500"
ASKED = [
    "--set-resources",
    "finetune_intermediate:gpu=1",
    "finetune_target:gpu=1",
    f"finetune_target:mem_mb={LITTLE}",
    # All at once, so that more training jobs than GPUs are ready together.
    "--group-components",
    "prepare=20",
]


def runs(place: StudyFolder) -> dict[str, str]:
    """Names of the training runs by their readable half, as the quiet run left them."""
    folders = [
        path.parent.name for path in (place.folder / "results/runs").glob("*/*/receipt.json")
    ]
    return {name.rpartition("-")[0]: name for name in folders}


@dataclass
class Story:
    """What happened: the cluster's run, what was seen meanwhile, and the run names."""

    place: OnCluster
    watch: Watch
    names: dict[str, str]
    disturbed: dict[str, int]
    lost: str
    log: str


class Disturbance:
    """Does one thing to each of some runs, as soon as the run has written a checkpoint.

    Attributes:
        left: what is still to be done, by the readable half of the run's name.
        disturbed: by run, the step of its checkpoint at that moment.
        held: scripts that stand still until they are told that their time is over.
    """

    def __init__(self, place: OnCluster, watch: Watch, known: dict[str, str]) -> None:
        self.place, self.slurm, self.watch, self.known = place, place.slurm, watch, known
        self.left = {
            "none--xnli-seed1": self.cancel,
            "none--pos-seed1": self.kill,
            "qqp-seed1": self.end_its_time,
            "qqp--xnli-seed1": self.kill_snakemake,
        }
        self.disturbed: dict[str, int] = {}
        self.held: list[int] = []
        self.snakemake = place.start(*ASKED)

    def all(self) -> str:
        """See the study through; Snakemake's log."""
        self.slurm.wait(lambda: self.watch.seen and self.watch.seen[-1], 300)
        self.lost = self.watch.seen[-1][0].job
        self.lose_node(self.lost)
        self.slurm.wait(self.next, 900)
        return self.place.finish(self.snakemake, 900)

    def next(self) -> bool:
        """Disturb what can be disturbed now; whether that was the last."""
        assert self.snakemake.poll() is None, f"it ended before {list(self.left)} went wrong"
        for script in filter(told_to_end, list(self.held)):
            os.kill(script, signal.SIGCONT)
            self.held.remove(script)
        for label in list(self.left):
            if label == "qqp--xnli-seed1" and (len(self.left) > 1 or self.held):
                # The last thing to go wrong.
                continue
            run = self.known[label]
            jobs = [job for job in self.place.jobs().get(run, []) if self.watch.script(job)]
            if jobs and self.watch.steps[run]:
                self.disturbed[label] = self.watch.steps[run][-1]
                self.left.pop(label)(jobs[-1])
        return not self.left

    def lose_node(self, job: str) -> None:
        node = self.slurm.client("squeue", "-h", "-j", job, "-o", "%N").strip()
        self.slurm.client("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")
        self.slurm.wait(lambda: self.watch.script(job) is None, 120)
        # By then SLURM may have taken it back of its own accord, and refuses.
        with contextlib.suppress(AssertionError):
            self.slurm.client("scontrol", "update", f"NodeName={node}", "State=RESUME")

    def cancel(self, job: str) -> None:
        self.slurm.client("scancel", job)

    def kill(self, job: str) -> None:
        os.kill(self.watch.script(job).process, signal.SIGKILL)

    def end_its_time(self, job: str) -> None:
        # It stands still until it is told: SLURM looks at the time only now and then.
        script = self.watch.script(job).process
        os.kill(script, signal.SIGSTOP)
        self.held.append(script)
        self.slurm.client("scontrol", "update", f"JobId={job}", "EndTime=now+1")

    def kill_snakemake(self, job: str) -> None:
        """Kill it while a job is at work, and see the next one send the same run again."""
        orphan = self.watch.script(job).process
        # Slow enough that the second job finds it at work.
        os.kill(orphan, signal.SIGSTOP)
        os.killpg(self.snakemake.pid, signal.SIGKILL)
        self.snakemake.wait()
        self.snakemake = self.place.start(*ASKED)
        run = self.known["qqp--xnli-seed1"]

        def second() -> bool:
            return any(self.watch.script(sent) for sent in self.place.jobs()[run] if sent != job)

        try:
            self.slurm.wait(second, 300)
            # Long enough to come to the lock, and past it if that did not hold.
            time.sleep(5)
        finally:
            os.kill(orphan, signal.SIGCONT)


@pytest.fixture(scope="session")
def story(root, slurm, local, tmp_path_factory) -> Story:
    place = OnCluster(root, tmp_path_factory.mktemp("story") / "work", slurm)
    with Watch(slurm, place.folder) as watch:
        disturbance = Disturbance(place, watch, runs(local))
        try:
            log = disturbance.all()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(disturbance.snakemake.pid, signal.SIGKILL)
    return Story(place, watch, runs(local), disturbance.disturbed, disturbance.lost, log)


def test_the_numbers_are_those_of_the_quiet_run(story, local):
    expected = local.digests("scores.parquet", "gains.parquet")
    assert len(expected) == 6 + 1 + 2
    assert story.place.digests("scores.parquet", "gains.parquet") == expected


@pytest.mark.parametrize(
    "label", ["none--xnli-seed1", "none--pos-seed1", "qqp-seed1", "qqp--xnli-seed1"]
)
def test_nothing_is_trained_again_from_the_beginning(story, label):
    steps = story.watch.steps[story.names[label]]
    assert story.disturbed[label] > 0
    assert steps == sorted(steps), "a later checkpoint is of an earlier step"


@pytest.mark.parametrize("label", ["none--xnli-seed1", "none--pos-seed1", "qqp-seed1"])
def test_a_job_that_was_ended_is_sent_again(story, label):
    assert len(story.place.jobs()[story.names[label]]) >= 2


@pytest.mark.parametrize("label", ["none--xnli-seed1", "qqp-seed1"])
def test_a_job_that_is_ended_hears_of_it_first(story, label):
    # What the script said stands below the error message, with the place of its log.
    said = rf"^Logfile logs/\w+/{story.names[label]}\.log:\n=+\n(.*?)\n=+$"
    assert "told to end (SIGTERM)" in re.search(said, story.log, re.M | re.S)[1]


def test_a_job_out_of_memory_comes_back_with_more(story, slurm):
    if not slurm.enforced:
        pytest.skip("memory has no limit where this user cannot write to cgroups")
    first, *_, last = story.place.jobs()[story.names["qqp--pos-seed1"]]
    # Which of the two depends on whose memory it was that SLURM looked at: the step's, the job's.
    assert {"OUT_OF_MEMORY", "FAILED"} & set(story.watch.states[first])
    said = story.place.folder.glob(f".snakemake/slurm_logs/*/*/{first}.log")
    assert "oom-kill" in "".join(path.read_text() for path in said)
    assert "COMPLETED" in story.watch.states[last]


def test_the_job_of_a_lost_node_starts_again_under_its_number(story, slurm):
    assert "Restarts=1" in slurm.client("scontrol", "show", "job", story.lost)
    assert "COMPLETED" in story.watch.states[story.lost]


def training(look: list) -> list:
    return [script for script in look if script.rule in TRAINING]


def test_no_more_training_jobs_than_gpus(story):
    most = max(len(training(look)) for look in story.watch.seen)
    assert most == 2


def test_every_training_job_has_a_gpu_of_its_own(story, slurm):
    if not slurm.numbered:
        pytest.skip("this user cannot make device files, without which SLURM numbers no GPUs")
    for look in story.watch.seen:
        devices = [script.device for script in training(look)]
        assert len(set(devices)) == len(devices), devices
        assert set(devices) <= {"0", "1"}


def test_others_are_at_work_while_training_jobs_wait_for_a_gpu(story):
    jobs, states = story.place.jobs(), story.watch.states
    labels = ("none--xnli-seed1", "none--pos-seed1", "qqp-seed1")
    trained = [states[jobs[story.names[label]][0]] for label in labels]
    searched = states[jobs[story.names["none--tatoeba"]][0]]
    # Three are ready at once, for two GPUs.
    assert any(
        job["PENDING"] < searched["COMPLETED"] and searched["RUNNING"] < job["RUNNING"]
        for job in trained
        if "PENDING" in job
    )


def test_a_run_that_is_sent_twice_is_made_once(story):
    # The restarted Snakemake sent it again while the old job was at work.
    first, *_, last = story.place.jobs()[story.names["qqp--xnli-seed1"]]
    both = [look for look in story.watch.seen if {first, last} <= {script.job for script in look}]
    assert both, "the two were never at work at the same time: nothing was tested"
    assert "COMPLETED" in story.watch.states[last]


def test_an_edit_of_one_task_sends_its_row_alone(story, slurm, root, tmp_path):
    shutil.copytree(story.place.folder, tmp_path / "work")
    place = OnCluster(root, tmp_path / "work", slurm)
    place.log.unlink()
    place.write(STUDY | {"tasks": {"qqp": {"training": {"epochs": 1}}}})
    place.finish(place.start(), 900)
    sent = place.jobs()
    groups = {"_".join(name.split("_")[:2]) for name in sent if name.startswith("group_")}
    assert groups == {"group_tables", "group_similarity"}
    assert {name.rpartition("-")[0] for name in sent if not name.startswith("group_")} == {
        "qqp-seed1",
        "qqp--xnli-seed1",
        "qqp--pos-seed1",
        "qqp--tatoeba-seed1",
    }
    assert all(len(numbers) == 1 for numbers in sent.values())
    assert not set(sent) & set(story.names.values())
