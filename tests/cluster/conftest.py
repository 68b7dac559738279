"""A real SLURM for the tests of this folder."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from helpers.cluster_study import STUDY
from helpers.slurm import Slurm, missing
from helpers.study_folder import StudyFolder


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    """A cluster for all tests; it goes when they end."""
    if lacking := missing():
        pytest.skip(
            f"no SLURM on this machine (lacking: {', '.join(lacking)}); on Debian: "
            "apt-get install munge slurmctld slurmd slurm-client"
        )
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("Snakemake's plugin is not installed: pip install '.[slurm]'")
    with Slurm(tmp_path_factory.mktemp("slurm") / "cluster") as running:
        yield running


@pytest.fixture(scope="session")
def local(root, tmp_path_factory) -> StudyFolder:
    """The study's numbers, made on this machine without a scheduler and without disturbance."""
    place = StudyFolder(root, tmp_path_factory.mktemp("local") / "work", STUDY)
    place.snakemake("--", *(f"results/studies/tiny/{name}.parquet" for name in ("scores", "gains")))
    return place
