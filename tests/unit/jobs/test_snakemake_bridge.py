"""Each undocumented name of Snakemake is still there and means what the bridge takes it for.

The workflow is a real one, read by Snakemake's own API.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from xstilts.core.errors import StudyError
from xstilts.jobs import snakemake_bridge as bridge

SNAKEFILE = """
from pathlib import Path
from xstilts.jobs import snakemake_bridge as bridge

configfile: "own.yaml"

def note(when):
    facts = {
        "given": bridge.gives_configfile(workflow),
        "files": [file.name for file in bridge.configfiles(workflow)],
        "main": bridge.is_main_process(workflow),
        "itself": when == "start" and bridge.runs_jobs_itself(workflow),
        "folder": str(workflow.current_basedir) if when == "read" else None,
    }
    Path(when).write_text(repr(facts))

note("read")

def forced(wildcards):
    Path("forced").write_text(repr(bridge.forces_jobs(workflow)))
    return []

rule all:
    default_target: True
    input: "made", "there"
    localrule: True

rule make:
    input: forced
    output: "made"
    group: "some"
    resources: mem_mb=lambda wildcards, attempt: 100 * attempt
    shell: "touch {output}"

rule train:
    output: "runs/{run}/weights", "runs/{run}/receipt"
    wildcard_constraints: run="a|b"
    shell: "touch {output}"

rule keep:
    output: "there"
    shell: "touch {output}"

onstart:
    Path("rules").write_text(repr(bridge.rules_to_run(workflow)))
    Path("locks").write_text(repr([path.name for path in bridge.lock_files()]))
    Path("own").write_text(repr([path.name for path in bridge.own_lock_files(workflow)]))
    note("start")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "own.yaml").write_text("a: 1\n")
    (tmp_path / "other.yaml").write_text("a: 2\nbb: {c: 3}\n")
    (tmp_path / "there").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def snakemake(*words: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *words]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def said(name: str):
    return eval(Path(name).read_text())


def test_a_call_that_runs_something(folder):
    snakemake()
    assert said("rules") == {"make", "all"}
    assert said("forced") is False
    # Snakemake's own lock while it runs, which is gone afterwards.
    assert {name.split(".", 1)[1] for name in said("locks")} == {"input.lock", "output.lock"}
    assert sorted(said("own")) == sorted(said("locks"))
    assert bridge.lock_files() == []
    facts = {"given": False, "files": ["own.yaml"], "main": True, "itself": True}
    assert said("start") == {**facts, "folder": None}


def test_a_config_from_the_command_line_and_forced_jobs(folder):
    snakemake("--forceall", "--configfile", "other.yaml", "-n")
    assert said("forced") is True
    facts = said("read")
    assert facts["given"] is True
    assert "other.yaml" in facts["files"]
    assert Path(facts["folder"]) == folder


def test_jobs_of_jobs_are_no_main_process(folder):
    """As a cluster's job is called, in a Snakemake of its own."""
    snakemake(
        "--mode", "subprocess", "--allowed-rules", "make", "--target-jobs", "make:", "--nolock"
    )
    assert said("read")["main"] is False


def test_config_is_merged_as_snakemake_does(folder):
    files = [Path("own.yaml"), Path("other.yaml")]
    values = ["bb={d: 4}", "each=yes", "few=1.5", "gap="]
    assert bridge.merged_config(files, values) == {
        "a": 2, "bb": {"c": 3, "d": "4"}, "each": "yes", "few": 1.5, "gap": None,
    }  # fmt: skip
    with pytest.raises(StudyError, match=r"there is no file 'lost\.yaml'"):
        bridge.merged_config([Path("lost.yaml")], [])
    with pytest.raises(StudyError, match="name=value"):
        bridge.merged_config([], ["word"])


def test_a_faulty_file_is_named(folder):
    Path("own.yaml").write_text("a: [1\n")
    with pytest.raises(StudyError, match="the config cannot be read"):
        bridge.merged_config([Path("own.yaml")], [])


def test_summary_says_what_is_pending(folder):
    rows = {row.output_file: row for row in bridge.read_summary(snakemake("--summary"))}
    assert rows["made"] == bridge.SummaryRow("made", "make", "missing", True)
    assert (rows["there"].rule, rows["there"].pending) == ("keep", False)


def test_rules_that_are_sent_with_their_resources(folder):
    words = ["--snakefile", "Snakefile", "--retries", "2", "--set-resources", "keep:runtime=7"]
    sent = bridge.submissions(words)
    assert (sent.executor, sent.attempts) == ("local", 3)
    rules = {rule.name: rule for rule in sent.rules}
    # `all` is local.
    assert rules.keys() == {"make", "train", "keep"}
    assert [rules["train"].makes(f"runs/{run}/receipt") for run in ("b", "c")] == ["b", None]
    assert [rule.is_of_runs for rule in rules.values()] == [False, True, False]
    assert rules["make"].makes("made") is None
    assert [rules["make"].resources({"run": "a"}, attempt)["mem_mb"] for attempt in (1, 3)] == [
        100,
        300,
    ]
    assert rules["keep"].resources({}, 1)["runtime"] == 7
    assert Path.cwd() == folder


def test_groups_of_the_command_line(folder):
    sent = bridge.submissions(["--snakefile", "Snakefile", "--groups", "keep=small"])
    groups = {rule.name: rule.group for rule in sent.rules}
    assert groups == {"make": None, "train": None, "keep": "small"}


def test_what_snakemake_refuses_is_a_sentence(folder):
    Path("own.yaml").unlink()
    with pytest.raises(StudyError, match=r"own\.yaml"):
        bridge.submissions(["--snakefile", "Snakefile"])


def test_line_of_sbatch(folder):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="pip install '.[slurm]'")
    settings = ["keep:mem_mb=300", "keep:runtime=9", "keep:slurm_partition=short", "keep:gpu=1"]
    words = ["--snakefile", "Snakefile", "--executor", "slurm", "--jobs", "1"]
    sent = bridge.submissions([*words, "--slurm-requeue", "--set-resources", *settings])
    assert (sent.executor, sent.requeue) == ("slurm", True)
    resources = next(rule for rule in sent.rules if rule.name == "keep").resources({}, 1)
    line = bridge.sbatch_line(resources, requeue=True)
    assert line.startswith("sbatch --parsable --job-name NAME --output LOG")
    assert "-p short -t 9 --mem 300 --requeue" in line
    assert line.endswith("--gpus=1")
    assert "--requeue" not in bridge.sbatch_line(resources, requeue=False)


def test_without_the_plugin_it_says_what_to_install(monkeypatch):
    for module in ("submit_string", "utils"):
        monkeypatch.setitem(sys.modules, f"{bridge.SLURM_PLUGIN}.{module}", None)
    with pytest.raises(StudyError, match="pip install"):
        bridge.sbatch_line({"_cores": 1}, requeue=False)


def test_no_other_file_touches_such_a_name(root):
    """Names of the bridge that stand nowhere else in the workflow."""
    names = (
        "overwrite_configfiles", "is_main_process", "exec_mode", "dag_settings", "needrun_jobs",
        "_localrules", "expand_resources", "snakemake.cli", "get_argument_parser", "main_snakefile",
        "resource_settings", "global_resources", "update pending", "get_submit_command",
        "set_gres_string", ".input.lock", "sys.argv",
    )  # fmt: skip
    files = [root / "workflow" / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    package = root / "workflow" / "scripts" / "xstilts"
    files += [
        file
        for room in ("commands", "plan", "config", "core", "jobs")
        for file in (package / room).rglob("*.py")
        if file.name != "snakemake_bridge.py"
    ]
    mentions = {
        f"{file.name}: {name}"
        for file in files
        for name in names
        if name in file.read_text().replace("snakemake_bridge.is_main_process", "")
        # Of the jobs' scripts, not of Snakemake.
        and (file.parent.name, name) != ("preloaded", "sys.argv")
    }
    assert mentions == set()
