"""What Snakemake is told of names of runs: all of a study's fit, none of another stage's kind."""

import re

import pytest

from xstilts.core.errors import StudyError
from xstilts.plan.recipes import Run
from xstilts.plan.run_names import known_run, pattern_of


def test_every_name_of_a_study_fits_its_own_pattern(plan):
    study = plan(seeds=[1, 2])
    for stage, runs in study.runs.items():
        pattern = re.compile(pattern_of(runs.values()))
        assert all(pattern.fullmatch(name) for name in runs), stage


def test_a_fine_tune_is_no_search_and_a_search_no_fine_tune(plan):
    runs = plan().runs["target"].values()
    kinds = {kept: [run for run in runs if run.is_search == kept] for kept in (True, False)}
    for kept, own in kinds.items():
        others = kinds[not kept]
        assert own
        assert not [run for run in others if re.fullmatch(pattern_of(own), run.name)]


@pytest.mark.parametrize(
    "name",
    ["none--xnil-seed1-0123456789ab", "none--xnli-seed1", "none--xnli-seed1-0123456789AB",
     "a/none--xnli-seed1-0123456789ab", "none--xnli-seed1-0123456789ab0"],
)  # fmt: skip
def test_what_is_no_name_does_not_fit(name):
    assert not re.fullmatch(pattern_of([Run("target", "none--xnli-seed1", {})]), name)


def test_of_no_run_nothing_fits():
    assert not re.fullmatch(pattern_of([]), "none--xnli-seed1-0123456789ab")


def test_more_seeds_and_rows_make_the_pattern_no_longer():
    """Snakemake goes through it for every file of every job."""

    def length(rows: int, seeds: int) -> int:
        labels = [f"row{row}--xnli-seed{seed}" for row in range(rows) for seed in range(seeds)]
        return len(pattern_of(Run("target", label, {}) for label in labels))

    assert length(rows=40, seeds=10) == length(rows=1, seeds=1)


def test_a_name_of_another_study_is_told_with_the_nearest():
    run = Run("target", "none--xnli-seed1", {})
    others = [Run("target", f"{row}--xnli-seed1", {"row": row}) for row in ("qqp", "mnli", "nine")]
    runs = {one.name: one for one in [*others, run]}
    assert known_run(runs, run.name) is run
    with pytest.raises(StudyError, match=f"no run of this study; did you mean '{run.name}'"):
        known_run(runs, "none--xnli-seed1-0123456789ab")
    with pytest.raises(StudyError, match="it has none of this stage"):
        known_run({}, run.name)
