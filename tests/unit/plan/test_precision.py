"""`precision: auto`: one arithmetic per study, in its recipes, by what the processor can do."""

import pytest

from xstilts.core import processor

# As Linux writes them: AMD EPYC 9005, Intel Xeon 8400, AMD EPYC 7003, Ampere Altra (shortened).
FLAGS = {
    "Zen 5": ("vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 avx512f avx_vnni avx512_bf16", True),
    "Sapphire Rapids": ("flags\t\t: fpu avx512f avx512_fp16 amx_bf16 avx512_bf16 amx_int8", True),
    "AMX alone": ("flags\t\t: fpu avx512f amx_bf16", True),
    "Zen 3": ("vendor_id\t: AuthenticAMD\nflags\t\t: fpu sse4_2 avx avx2 fma", False),
    "first AVX-512": ("flags\t\t: fpu avx2 avx512f avx512bw avx512_vnni", False),
    "ARM": ("processor\t: 0\nFeatures\t: fp asimd bf16 i8mm", False),
    "empty": ("", False),
}
WITH, WITHOUT = "Zen 5", "Zen 3"


@pytest.fixture
def on(tmp_path, monkeypatch):
    """`on(name)`: have the processor of that name."""

    def choose(name):
        path = tmp_path / "cpuinfo"
        first = FLAGS[name][0]
        path.write_text(f"{first}\n\n{first.replace('bf16', 'none')}\n")
        monkeypatch.setattr(processor, "CPUINFO", path)
        processor.processor.cache_clear()

    yield choose
    processor.processor.cache_clear()


def precisions(study):
    """Of all runs that compute in the study's own precision."""
    runs = [*study.runs["intermediate"].values(), *study.runs["target"].values()]
    return {run.recipe["precision"] for run in runs}


@pytest.mark.parametrize("name", FLAGS)
def test_a_processor_without_the_instructions_gets_float32(plan, on, name):
    on(name)
    able = FLAGS[name][1]
    assert processor.multiplies_bfloat16() == able
    study = plan(precision="auto")
    assert precisions(study) == {"bfloat16" if able else "float32"}
    assert study.config["precision"] != "auto"


def test_no_cpuinfo_gives_float32(plan, on, monkeypatch, tmp_path):
    on(WITH)
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "none")
    processor.processor.cache_clear()
    assert precisions(plan(precision="auto")) == {"float32"}


def test_auto_is_bfloat16_on_a_gpu_whatever_plans_it(plan, on):
    on(WITHOUT)
    assert precisions(plan(precision="auto", accelerator="gpu")) == {"bfloat16"}


@pytest.mark.parametrize("asked", ["float32", "bfloat16"])
def test_what_is_asked_for_is_planned_on_any_processor(plan, on, asked):
    for name in (WITH, WITHOUT):
        on(name)
        assert precisions(plan(precision=asked)) == {asked}


def test_a_gain_never_subtracts_across_two_arithmetics(plan, on):
    """Neither study has a run of the other, and each cell's baseline and parent are of its own."""
    studies = []
    for name in (WITH, WITHOUT):
        on(name)
        studies.append(plan(precision="auto"))
    for stage in ("intermediate", "target"):
        first, second = (set(study.runs[stage]) for study in studies)
        assert first and not first & second
    for study in studies:
        for cell in study.cells:
            parent = cell.run.parents["intermediate"]
            found = {cell.run.recipe["precision"], parent.recipe.get("precision", None)}
            assert found - {None} == precisions(study)
    # What computes with no encoder is shared.
    assert studies[0].runs["data"].keys() == studies[1].runs["data"].keys()
    assert not studies[0].runs["activations"].keys() & studies[1].runs["activations"].keys()
