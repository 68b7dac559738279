"""The same recipe gives the same bytes, whatever went before and wherever it runs."""

import os
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers.workshop import KINDS, make, products


@pytest.fixture
def jobs(workshop):
    """A run of several tasks and its child, under any name, all else equal."""
    for kind in KINDS:
        workshop.trained(kind, kind, count=24)

    def build(name):
        several = workshop.job("parent", "intermediate", list(KINDS), epochs=0.5, dropout=0.1)
        parent = replace(several, folder=several.folder.with_name(f"{name}") / "parent")
        child = workshop.job(
            "child", "target", ["span_qa"], ["span_qa"], parent, epochs=1, dropout=0.1
        )
        return parent, replace(child, folder=parent.folder.with_name("child"))

    return build


def made(pair):
    for job in pair:
        make(job)
    return [products(job) for job in pair]


def test_same_recipe_twice_gives_the_same_bytes_and_another_seed_others(workshop, jobs):
    first = made(jobs("first"))
    assert made(jobs("second")) == first
    workshop.trained("pairs", "pair_classification")
    one, two = (workshop.job(f"s{s}", "target", ["pairs"], ["pairs"], seed=s) for s in (1, 2))
    (one_files, _), (two_files, _) = (made([job])[0] for job in (one, two))
    for name, content in one_files.items():
        assert two_files[name] != content, name


def test_earlier_random_draws_do_not_matter(jobs):
    first = made(jobs("first"))
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    torch.rand(1234)
    np.random.random(99)
    assert made(jobs("second")) == first


def test_the_order_of_hashes_does_not_matter(jobs):
    first = made(jobs("here"))
    for hash_seed in ("1", "2"):
        pair = jobs(f"there{hash_seed}")
        code = (
            "import random, numpy, torch; from pathlib import PosixPath\n"
            "from xstilts.training.intermediate import finetune_intermediate\n"
            "from xstilts.training.job import Job\n"
            "from xstilts.training.target import finetune_target\n"
            f"torch.set_num_threads(1); torch.rand({hash_seed})\n"
            f"finetune_intermediate({pair[0]!r})\nfinetune_target({pair[1]!r})\n"
        )
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONHASHSEED": hash_seed,
        }
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        assert [products(job) for job in pair] == first
