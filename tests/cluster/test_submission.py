"""What SLURM is told, word by word, with commands that stand in for SLURM's own."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from helpers.cluster_study import STUDY
from helpers.slurm import Slurm
from helpers.study_folder import StudyFolder
from xstilts.plan.grid import Study

pytest.importorskip("snakemake_executor_plugin_slurm", reason="pip install '.[slurm]'")

ANSWERS = {
    # Written down, then refused, so that every attempt is seen and nothing runs.
    # One at a time, as Snakemake calls several at once.
    "sbatch": '(flock 9; printf "%q " "$@" >&9; echo >&9) 9>>"$SUBMITTED"; eval "$SBATCH_ANSWERS"',
    "squeue": 'for number in $(seq 50); do echo "$number|RUNNING"; done',
    "sinfo": 'echo "main*"',
    "sacctmgr": "echo account",
    "scontrol": 'echo "MinJobAge = 300 sec"; echo "MaxArraySize = 1001"',
    "sacct": "exit 1",
    "sshare": "exit 1",
    "scancel": "exit 0",
}


class StandIn(StudyFolder):
    """A folder whose SLURM is make-believe."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root, folder / "work", STUDY)
        self.profile = root / "profiles" / "slurm"
        self.submitted = folder / "submitted"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name, answer in ANSWERS.items():
            (self.bin / name).write_text(f"#!/usr/bin/env bash\n{answer}\n")
            (self.bin / name).chmod(0o755)

    def start(self, *arguments: str, answer: str = "echo no >&2; exit 1") -> subprocess.Popen:
        profile = ("--profile", str(self.profile))
        quick = ("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "1")
        return subprocess.Popen(
            self.command("snakemake", *profile, *quick, *arguments),
            cwd=self.root,
            env={
                **os.environ,
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "SUBMITTED": str(self.submitted),
                "SBATCH_ANSWERS": answer,
                "PWD": str(self.root),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def preview(self, *arguments: str) -> str:
        """What `xstilts sbatch-preview` prints."""
        return self.xstilts("sbatch-preview", *arguments, "--profile", str(self.profile))

    def lines(self) -> dict[str, list[str]]:
        """Command lines of sbatch by rule and run, or by group, one per attempt."""
        found: dict[str, list[str]] = {}
        for line in self.submitted.read_text().splitlines() if self.submitted.exists() else []:
            words = [word for word in shlex.split(line) if not word.startswith("--wrap=")]
            log = words[words.index("--output") + 1]
            what = re.search(r"slurm_logs/(rule|group)_(.+)/%j\.log", log)[2]
            found.setdefault(what, []).append(" ".join(words))
        return found


@pytest.fixture
def place(root, tmp_path) -> StandIn:
    return StandIn(root, tmp_path)


def planned(place: StandIn) -> Study:
    """The study, as it is planned in the place's folder."""
    with contextlib.chdir(place.folder):
        return Study(yaml.safe_load(place.config.read_text()), place.root)


def pretend_done(place: StandIn, *stages: str) -> None:
    """Finished runs, as empty files: what they hold and when it was written says nothing."""
    runs = planned(place).runs
    for run in [run for stage in stages for run in runs[stage].values()]:
        (place.folder / run.folder).mkdir(parents=True)
        (place.folder / run.receipt).touch()
        if run.stage == "target":
            (place.folder / run.folder / "predictions.parquet").touch()
        if run.stage == "encoder":
            (place.folder / run.folder / "tokenizer.json").touch()


def run_to_the_end(place: StandIn, *arguments: str) -> str:
    """What Snakemake says in the end, when SLURM has refused everything."""
    said, _ = place.start(*arguments).communicate(timeout=60)
    return said


def told(lines: list[str]) -> list[str]:
    """Lines of sbatch without what differs from call to call."""
    found = []
    for line in lines:
        for option in ("--job-name", "--output", "--comment", "-D"):
            line = re.sub(rf"(?<= ){option} \S+", f"{option} X", line)
        found.append(line)
    return found


def expected(memory: int, minutes: int, gpus: str = "", cpus: int = 1) -> str:
    tasks = "" if gpus else "--ntasks=1 "
    return (
        "--parsable --job-name X --output X --export=ALL --comment X -p main "
        f"-t {minutes} --mem {memory} --requeue {tasks}--cpus-per-task={cpus} "
        f"--signal=TERM@120 -D X{gpus}"
    )


@pytest.fixture
def on_gpus(place) -> StandIn:
    place.write(STUDY | {"accelerator": "gpu"})
    pretend_done(place, "encoder", "data", "activations")
    return place


def test_every_attempt_of_a_training_job_asks_for_more(on_gpus):
    said = run_to_the_end(on_gpus, "--retries", "2")
    lines = on_gpus.lines()
    run = next(iter(planned(on_gpus).runs["intermediate"]))
    assert told(lines.pop(f"finetune_intermediate/{run}")) == [
        expected(3000, 720, " --gpus=1"),
        expected(6000, 1440, " --gpus=1"),
        expected(9000, 2160, " --gpus=1"),
    ]
    # What needs no intermediate encoder goes at the same time.
    ready = {name.split("/")[1].rpartition("-")[0] for name in lines if "/" in name}
    assert ready == {"none--xnli-seed1", "none--pos-seed1", "none--tatoeba"}
    assert "SLURM sbatch failed. The error message was 'no'" in said


def test_a_partitions_limit_can_be_kept(on_gpus):
    run_to_the_end(on_gpus, "--retries", "2", "--resources", "gpu=1", "runtime=800")
    run = next(iter(planned(on_gpus).runs["intermediate"]))
    limits = [
        line.split(" -t ")[1].split()[0] for line in on_gpus.lines()[f"finetune_intermediate/{run}"]
    ]
    assert limits == ["720", "800", "800"]


def test_every_rule_that_is_sent_asks_for_more_at_the_next_attempt(place):
    shown = place.preview()
    first = re.findall(r"^(\w+).*\n  sbatch .* -t (\d+) --mem (\d+) ", shown, re.MULTILINE)
    last = re.findall(r"^  attempt 4: --mem (\d+) -t (\d+)$", shown, re.MULTILINE)
    assert len(first) == len(last) >= 9
    for (rule, minutes, memory), (more_memory, more_minutes) in zip(first, last, strict=True):
        assert int(more_memory) == 4 * int(memory), rule
        assert int(more_minutes) == 4 * int(minutes), rule


def test_the_tables_ask_for_minutes_and_the_preview_shows_their_sum(place):
    shown = place.preview()
    sums = re.findall(
        r"^group (\w+): (\d+) rules, at most (\d+) minutes in sum, (\d+) at attempt 4$",
        shown,
        re.MULTILINE,
    )
    found = {group: (int(rules), int(first), int(last)) for group, rules, first, last in sums}
    assert found.keys() == {"prepare", "similarity", "tables", "encoders"}
    rules, first, last = found["tables"]
    assert rules == 21 and first <= 75 and last == 4 * first
    # What is sent is never more than was shown.
    pretend_done(place, *planned(place).runs)
    run_to_the_end(place, "--retries", "3")
    (lines,) = place.lines().values()
    minutes = [int(line.split(" -t ")[1].split()[0]) for line in lines]
    assert len(minutes) == 4
    assert minutes[0] <= first
    assert minutes[-1] <= last
    assert minutes[-1] < 240


def test_a_limit_that_the_profile_recommends_does_not_end_the_tables(place):
    pretend_done(place, *planned(place).runs)
    said = run_to_the_end(place, "--retries", "3", "--resources", "gpu=1", "runtime=240")
    (lines,) = place.lines().values()
    assert len(lines) == 4, said


def test_the_profile_knows_every_rule_that_is_sent(place, root):
    # Alone with a GPU, or in a group: a new rule must be put somewhere.
    files = [file for file in (root / "workflow" / "rules").glob("*.smk")
             if file.name != "commands.smk"]  # fmt: skip
    text = "\n".join(file.read_text() for file in files)
    _, *rules = re.split(r"^rule (?=\w+:)", text, flags=re.MULTILINE)
    sent = {rule.partition(":")[0] for rule in rules if "localrule: True" not in rule}
    profile = yaml.safe_load((place.profile / "config.yaml").read_text())
    assert {*profile["groups"], *profile["set-resources"]} == sent


def test_the_preview_is_what_is_submitted(on_gpus):
    shown = on_gpus.preview().split("\n")
    run = next(iter(planned(on_gpus).runs["intermediate"]))
    line = shown[shown.index(f"finetune_intermediate ({run})") + 1].removeprefix("  sbatch ")
    # Partition and folder are found out when a job is sent.
    assert told([line]) == [
        expected(3000, 720, " --gpus=1").replace(" -p main", "").replace(" -D X", "")
    ]
    assert on_gpus.lines() == {}


@pytest.mark.parametrize(
    ("resources", "asked"),
    [
        (["gpu_model=a100"], " --gpus=a100:1"),
        (["gpu=0", "gres=gpu:a100:1"], " --gres=gpu:a100:1"),
    ],
)
def test_clusters_name_their_gpus_differently(on_gpus, resources, asked):
    settings = [f"finetune_intermediate:{resource}" for resource in resources]
    run_to_the_end(on_gpus, "--retries", "0", "--set-resources", *settings)
    run = next(iter(planned(on_gpus).runs["intermediate"]))
    assert told(on_gpus.lines()[f"finetune_intermediate/{run}"]) == [expected(3000, 720, asked)]


def test_account_and_partition_have_one_place(place, root, tmp_path):
    pretend_done(place, "encoder", "data", "activations", "intermediate")
    profile = yaml.safe_load((root / "profiles/slurm/config.yaml").read_text())
    profile["default-resources"] |= {"slurm_account": "account", "slurm_partition": "cpu"}
    profile["set-resources"]["finetune_target"]["slurm_partition"] = "gpu"
    place.profile = tmp_path / "mine"
    place.profile.mkdir()
    (place.profile / "config.yaml").write_text(yaml.safe_dump(profile))
    run_to_the_end(place, "--retries", "0")
    # Three rules share the lines of the first, as the anchor in the profile says.
    for name, (line,) in place.lines().items():
        assert f"-A account -p {'gpu' if 'target/' in name else 'cpu'} " in line


def test_short_jobs_go_together(place):
    run_to_the_end(place, "--retries", "0")
    groups = [len(lines) for name, lines in place.lines().items() if name.startswith("prepare_")]
    # Five tasks, each prepared and then run through the frozen layers, by four.
    assert groups == [2]


def test_all_tables_are_one_job(place):
    pretend_done(place, *planned(place).runs)
    run_to_the_end(place, "--retries", "0")
    (lines,) = place.lines().values()
    assert len(lines) == 1


def test_no_more_jobs_in_the_queue_than_the_profile_says(place):
    pretend_done(place, "encoder", "data", "activations", "intermediate")
    process = place.start("--jobs", "2", answer='wc -l < "$SUBMITTED"')
    try:
        Slurm.wait(lambda: sum(map(len, place.lines().values())) >= 2, 60)
        time.sleep(3)
        assert sum(map(len, place.lines().values())) == 2
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
