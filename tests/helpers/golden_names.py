"""The run names of every config that ships, and the digests of the code behind them.

    python tests/helpers/golden_names.py write     after an edit that is meant to rename runs
    python tests/helpers/golden_names.py print     as JSON; runs on any Python that has PyYAML and
                                                   what the planner reads configs with

Names and code are held apart: in the names a stage stands for the digest of its code, so that an
edit of code shows in one line of `code.json` and an edit of recipes in the names.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
CONFIGS = sorted(path.stem for path in (ROOT / "config").glob("*.yaml"))
# Where the samples lie, relative to the checkout.
SAMPLES = ROOT.parent / "shared" / "data"
COMMIT = "0" * 40


def can_be_planned(config: str) -> bool:
    """Whether what the config reads is on this machine."""
    return raw_config(config).get("source") != "folder" or SAMPLES.is_dir()


def raw_config(config: str) -> dict:
    """A config as its file has it."""
    import yaml

    return yaml.safe_load((ROOT / "config" / f"{config}.yaml").read_text(encoding="utf-8"))


def study(config: str):
    """The study of a config, with every revision pinned to the same commit."""
    from xstilts.core import processor
    from xstilts.plan.grid import Study
    from xstilts.plan.revisions import Revisions

    raw = raw_config(config)
    if raw.get("source") == "folder":
        raw["data_root"] = str(SAMPLES)
    with (
        mock.patch.object(Revisions, "of", lambda *_: COMMIT),
        # So that `precision: auto` comes to the same on every machine.
        mock.patch.object(processor, "CPUINFO", Path(os.devnull)),
    ):
        processor.processor.cache_clear()
        found = Study(raw, ROOT)
        found.runs  # noqa: B018  all names are drawn while the commits are pinned
    processor.processor.cache_clear()
    return found


def names(config: str) -> list[str]:
    """Folders of all runs of a config, where every code digest is the name of its stage."""
    from xstilts.plan.stage_code import StageCode

    def stage(self, stage: str, **objects) -> str:
        return stage

    with mock.patch.object(StageCode, "of", stage):
        runs = study(config).runs
    return sorted(run.folder.as_posix() for named in runs.values() for run in named.values())


def code() -> dict[str, dict[str, str]]:
    """Digest of the code of every stage, with the kinds of task that the configs have.

    By the source of data: the demo's grammar counts for the demo alone.
    """
    found: dict[str, dict[str, str]] = {}
    for config in filter(can_be_planned, CONFIGS):
        planned = study(config)
        source = "demo" if planned.config["source"] == "demo" else "other"
        found.setdefault(source, {}).update(planned.code.digests)
    return found


def everything() -> dict[str, object]:
    """Names by config, and the code."""
    planned = [config for config in CONFIGS if can_be_planned(config)]
    return {"names": {config: names(config) for config in planned}, "code": code()}


def main() -> None:
    sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        now = everything()
    if sys.argv[1:] != ["write"]:
        print(json.dumps(now))
        return
    for config, lines in now["names"].items():
        (GOLDEN / "names" / f"{config}.txt").write_text("\n".join(lines) + "\n")
    (GOLDEN / "code.json").write_text(json.dumps(now["code"], indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
