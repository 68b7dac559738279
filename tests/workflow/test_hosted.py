"""The workflow is named by its repository on a host, of which Snakemake reads single files."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from helpers.faulty_study import STUDY
from helpers.project_copy import copy_project
from xstilts.jobs.hosted_workflow import check_out

REPOSITORY, TAG = "someone/xstilts", "v1.0.0"
# As `snakedeploy deploy-workflow` writes it.
DEPLOYED = f"""
configfile: "study.yaml"

module xstilts:
    snakefile:
        github("{REPOSITORY}", path="workflow/Snakefile", tag="{TAG}")
    config:
        config

use rule * from xstilts
"""


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ["git", *author, *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def commit(root, tmp_path_factory, hub: Path) -> str:
    """The commit that is tagged in the repository on the host."""
    source = tmp_path_factory.mktemp("source")
    copy_project(root, source, {})
    git(source, "init", "--quiet")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "all")
    git(source, "tag", TAG)
    git(source, "clone", "--quiet", "--bare", str(source), str(hub / REPOSITORY))
    return git(source, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("hub")


@pytest.fixture
def snakemake(hub, commit, tmp_path) -> Callable[..., str]:
    """`snakemake(*words)` in a folder with a study; git finds the host's repositories in `hub`."""
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "XDG_CACHE_HOME": str(hub / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{hub}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }

    def run(*words: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "1", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    return run


def test_by_shorthand_jobs_run_with_the_package_of_the_tag(snakemake, commit, tmp_path):
    words = ("-s", f"gh:{REPOSITORY}@{TAG}", "--configfile", "study.yaml")
    receipt = re.search(r"results/data/pos-\w+/receipt\.json", snakemake("-n", *words))
    assert receipt
    snakemake(receipt[0], *words)
    assert (tmp_path / receipt[0]).is_file()
    copy = tmp_path / ".snakemake" / "xstilts" / commit
    assert (copy / "workflow" / "scripts" / "xstilts").is_dir()
    assert [path.name for path in copy.parent.iterdir()] == [commit]


def test_as_a_module_the_plan_is_that_of_the_folder(snakemake, root, tmp_path):
    (tmp_path / "Snakefile").write_text(DEPLOYED)
    total = re.compile(r"^total +\d+$", re.MULTILINE)
    hosted = total.search(snakemake("-n"))
    local = snakemake(
        "-n", "-s", str(root / "workflow" / "Snakefile"), "--configfile", "study.yaml"
    )
    assert hosted and hosted[0] in local


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_ends_a_check_out_leaves_no_half_of_it(error, tmp_path):
    def archive(*_, **__):
        raise error

    repository = SimpleNamespace(commit=lambda _: SimpleNamespace(hexsha="1f"), archive=archive)
    source = SimpleNamespace(hosted_repo=SimpleNamespace(repo=repository), ref=TAG)
    with pytest.raises(error):
        check_out(source, tmp_path)
    assert not list(tmp_path.iterdir())
