"""What a cluster job costs beside its script, and what grouping saves.

    python benchmarks/slurm_overhead.py [--intermediates 3]

Starts the throw-away SLURM of the tests, runs the same small study through it once per way of
sending jobs, and compares what SLURM counted with the seconds that the receipts hold. Writes the
section "slurm" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import yaml
from readme import put_section, table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from helpers.cluster_study import STUDY, OnCluster
from helpers.slurm import Slurm

TASKS = ["qqp", "commonsenseqa", "ccg", "hellaswag", "mnli", "cosmosqa", "anli"]
# Ways of sending jobs: groups and how many members each may have.
WAYS = {
    "every job alone": ({}, {}),
    "as the profile has it": (None, None),
    "and training by fours": (
        {"finetune_intermediate": "stage1", "finetune_target": "stage2"},
        {"stage1": 4, "stage2": 4},
    ),
}
# Fine-tunes of the paper's grid, one seed, and how long one may take.
FINE_TUNES = 77
SECONDS = {"demo, 5 s": 5, "base encoder, 10 min": 600, "XLM-R Large, 2 h": 7200}


def profile_with(folder: Path, groups: dict | None, components: dict | None) -> Path:
    """A copy of the SLURM profile that groups otherwise."""
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    if groups is not None:
        kept = profile if groups else {"groups": {}, "group-components": {}}
        profile["groups"] = kept["groups"] | groups
        profile["group-components"] = kept["group-components"] | components
    for key in ("groups", "group-components"):
        if not profile[key]:
            del profile[key]
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(profile))
    return folder


def times(slurm: Slurm, number: str) -> tuple[float, float, float]:
    """When job `number` was submitted, started and ended, in seconds."""
    shown = slurm.client("scontrol", "show", "job", number)
    found = dict(re.findall(r"(SubmitTime|StartTime|EndTime)=(\S+)", shown))
    return tuple(
        datetime.fromisoformat(found[key]).timestamp()
        for key in ("SubmitTime", "StartTime", "EndTime")
    )


def scripts_seconds(place: OnCluster) -> dict[str, float]:
    """Wall seconds of every run's script, by the run's name."""
    receipts = place.folder.glob("results/**/receipt.json")
    return {path.parent.name: json.loads(path.read_text())["wall_seconds"] for path in receipts}


def measure(slurm: Slurm, folder: Path, study: dict, way: str) -> dict:
    """Run the study once; seconds by what they were spent on."""
    place = OnCluster(ROOT, folder / "work", slurm)
    place.write(study)
    place.profile = profile_with(folder / "profile", *WAYS[way])
    begun = time.monotonic()
    place.finish(place.start(), seconds=3600)
    wall = time.monotonic() - begun
    jobs = {number: times(slurm, number) for found in place.jobs().values() for number in found}
    scripts = scripts_seconds(place)
    alone = [
        times(slurm, found[0])[2] - times(slurm, found[0])[1] - scripts[run]
        for run, found in place.jobs().items()
        if run in scripts
    ]
    return {
        "way": way,
        "jobs": len(jobs),
        "wall": wall,
        "queue": sum(start - submitted for submitted, start, _ in jobs.values()) / len(jobs),
        "occupied": sum(end - start for _, start, end in jobs.values()),
        "scripts": sum(scripts.values()),
        "beside_script": sum(alone) / len(alone) if alone else None,
    }


def main() -> None:
    """Measure every way and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--intermediates", type=int, default=3, help="rows beside the baseline")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this one; repeatable")
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    arguments = parser.parse_args()
    training = STUDY["training"] | {"epochs": 1}
    study = STUDY | {"intermediate_tasks": TASKS[: arguments.intermediates], "training": training}
    folder = Path(tempfile.mkdtemp(prefix="slurm-overhead."))
    found = []
    try:
        with Slurm(folder / "cluster") as slurm:
            for number, way in enumerate(arguments.way or WAYS):
                (folder / str(number)).mkdir()
                found.append(measure(slurm, folder / str(number), study, way))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = section(found)
    print(text)
    if not arguments.show:
        put_section("slurm", text)


def section(found: list[dict]) -> str:
    """What each way of sending jobs took, and what that means for a study of the paper's size."""
    lines = [
        [
            row["way"],
            row["jobs"],
            *(f"{row[key]:.0f} s" for key in ("wall", "occupied", "scripts")),
            "" if row["beside_script"] is None else f"{row['beside_script']:.1f} s",
        ]
        for row in found
    ]
    header = ["jobs sent", "number", "wall", "in nodes", "in scripts", "beside the script, per job"]
    text = f"""## What a cluster job costs

A small study through a real SLURM on this machine, once for each way of sending its jobs.

{table(header, lines)}
"""
    beside = found[0]["beside_script"]
    if beside is not None:
        shares = [[name, f"{100 * beside / (beside + one):.1f} %"] for name, one in SECONDS.items()]
        text += f"\n{table([f'{FINE_TUNES} fine-tunes of', 'spent outside training'], shares)}\n"
    return text + "\nMade by `python benchmarks/slurm_overhead.py`.\n"


if __name__ == "__main__":
    main()
