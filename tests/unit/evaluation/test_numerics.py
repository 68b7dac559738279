"""Gains between runs that were computed unlike."""

import pytest

from helpers import cells
from xstilts.evaluation.gains import gains
from xstilts.evaluation.numerics import alike, numerics_of
from xstilts.evaluation.scores import score_cells

CPU = {
    "device": "cpu", "name": "GenuineIntel", "cpu_capability": "AVX2", "machine": "x86_64",
    "threads": 1, "precision": "float32", "versions": {"torch": "2.13.0", "numpy": "2.3.0"},
}  # fmt: skip
GPU = CPU | {"device": "cuda", "name": "NVIDIA H100"}
OTHERS = [
    {"cpu_capability": "AVX512"},
    {"threads": 2},
    {"name": "AuthenticAMD"},
    {"precision": "bfloat16"},
    {"versions": {"torch": "2.14.0", "numpy": "2.3.0"}},
    {"device": "cuda", "name": "NVIDIA H100"},
]


def of(numerics, parent=None):
    return numerics_of({"numerics": numerics} | ({"parent_numerics": parent} if parent else {}))


def test_equal_numerics_are_alike():
    assert alike(of(dict(CPU)), of(CPU))
    assert alike(of(CPU, dict(reversed(CPU.items()))), of(CPU))
    assert alike(numerics_of({}), numerics_of({}))


@pytest.mark.parametrize("other", OTHERS)
def test_each_part_counts(other):
    assert not alike(of(CPU | other), of(CPU))
    # The encoder that the cell starts from counts as its own run does.
    assert not alike(of(CPU, CPU | other), of(CPU))
    assert not alike(of(CPU), numerics_of({}))


def test_the_processor_beside_a_gpu_does_not_count():
    assert alike(of(GPU | {"threads": 8, "cpu_capability": "AVX512"}), of(GPU))
    assert not alike(of(GPU | {"name": "NVIDIA A100"}), of(GPU))


@pytest.fixture
def study(tmp_path):
    """A baseline on a CPU, a row like it, one from a GPU, and one whose encoder is from there."""
    rows = [(code, f"e{i}", "a", "ab"[i % 2]) for code in ("en", "sw") for i in range(6)]
    numerics = {"none": of(CPU), "mnli": of(CPU, CPU), "qqp": of(GPU, GPU), "ccg": of(CPU, GPU)}
    return [
        cells.cell(tmp_path, name, "xnli", ["accuracy"], rows) | {"numerics": found}
        for name, found in numerics.items()
    ]


def measure(study, **settings):
    scores = score_cells(study, {"xnli": ["accuracy"]})
    table, problems = gains(study, scores, (), 50, 1, **settings)
    return {(row["intermediate"], row["language"]): row for row in table.to_pylist()}, problems


def test_unlike_gains_are_marked_and_said(study):
    found, problems = measure(study)
    marked = {key for key, row in found.items() if row["unlike_numerics"]}
    assert marked == {(name, code) for name in ("qqp", "ccg") for code in ("en", "sw")}
    assert len(found) == 6
    (said,) = problems
    assert said.startswith("4 of 6 gains subtract scores that were computed with unlike numerics")
    assert "cuda NVIDIA H100" in said and "cpu capability AVX2" in said


def test_strict_leaves_them_out_and_says_so(study):
    found, problems = measure(study, numerics="strict")
    assert {name for name, _ in found} == {"mnli"}
    assert "`numerics: strict` leaves them out" in problems[0]


@pytest.mark.parametrize("mode", ["marked", "strict"])
def test_of_like_gains_nothing_is_said(study, mode):
    found, problems = measure(study[:2], numerics=mode)
    assert len(found) == 2 and problems == []
    assert not any(row["unlike_numerics"] for row in found.values())
