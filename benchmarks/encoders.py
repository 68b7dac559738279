"""Do several encoders tell more than one, and does their joint test keep its level?

    python benchmarks/encoders.py --studies 200

Simulated studies of nine by nine tasks (scenario N1 of scenarios.py, and families by kind), each
run with one, two or four encoders, half of whose effects' variance is the same. Every study goes
through `as_replicates`, the mean over encoders, and the two tests of a study's headline. Half a
second a study; writes the section "encoders" of benchmarks/calibration.md.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import numpy as np
import pandas as pd
from readme import put_section, table
from scenarios import INTERMEDIATES, KINDS, TARGETS, Scenario, simulate
from scipy.stats import binomtest

from mixed_models.denominator_df import Test
from xstilts.inference.analyses.families import Families, of_kinds
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads, permute
from xstilts.inference.dyads import DYAD, dyads, seed_means, task_similarity
from xstilts.inference.encoders import as_replicates

PAGE = Path(__file__).with_name("calibration.md")
COUNTS = (1, 2, 4)
COMMON = 0.5
LANGUAGES_OF = dict.fromkeys(TARGETS, 4)
SCENARIOS = {"N1": Scenario(), "families by kind": Scenario(kinds=True)}
SLOPES = (0.0, 0.5)
LEVEL = 0.05


def studies(scenario: Scenario, seed: int) -> dict[str, pd.DataFrame]:
    """Gains of four encoders by name, `COMMON` of whose effects' variance is the same.

    What is the same and what is an encoder's own are two simulated studies, mixed; the noise of
    runs is an encoder's own and keeps its size.
    """
    shared = simulate(replace(scenario, run=0.0), seed, languages_of=LANGUAGES_OF).gains
    rest = np.sqrt(1 - COMMON)
    gains = {}
    for place in range(max(COUNTS)):
        unlike = replace(scenario, run=scenario.run / rest)
        own = simulate(unlike, 1_000_000 * (place + 1) + seed, languages_of=LANGUAGES_OF).gains
        mixed = np.sqrt(COMMON) * shared["gain"] + rest * own["gain"]
        gains[f"encoder {place + 1}"] = shared.assign(gain=mixed)
    return gains


def with_slope(gains: pd.DataFrame, similarity: pd.DataFrame, slope: float) -> pd.DataFrame:
    """`gains` with `slope` points more for each standard deviation of similarity."""
    both = gains.merge(similarity[[*DYAD, "similarity"]], on=DYAD)
    return both.assign(gain=both["gain"] + slope * both["similarity"]).drop(columns="similarity")


def tested(
    gains: dict[str, pd.DataFrame], similarity: pd.DataFrame, families: Families, seed: int
) -> tuple[float, float]:
    """P of the slope over all pairs, and of the match alone."""
    replicates, _ = as_replicates(gains)
    rows = seed_means(replicates, ["en"])
    pairs, _ = dyads(rows, similarity, families)
    test: Test = fit_dyads(pairs).kenward_roger(SIMILARITY)
    match = permute(pairs, "gain_standardised", [SIMILARITY], permutations=199, seed=seed)[0]
    return test.p, match.p


def study_tests(scenario: Scenario, seed: int, families: Families) -> Iterator[dict[str, object]]:
    """The tests of one simulated study, by slope and number of encoders."""
    simulated = simulate(replace(scenario, run=0.0), seed, languages_of=LANGUAGES_OF)
    similarity = task_similarity(simulated.similarity, "text_embedding")
    gains = studies(scenario, seed)
    for slope in SLOPES:
        sloped = [(key, with_slope(own, similarity, slope)) for key, own in gains.items()]
        for encoders in COUNTS:
            headline, match = tested(dict(sloped[:encoders]), similarity, families, seed)
            yield {"slope": slope, "encoders": encoders, "headline": headline, "match": match}


def share(values: pd.Series) -> str:
    """Per cent of p values at or below the level, with Wilson's interval."""
    below = int((values <= LEVEL).sum())
    interval = binomtest(below, len(values)).proportion_ci(method="wilson")
    low, high = (f"{100 * end:.0f}" for end in (interval.low, interval.high))
    return f"{100 * below / len(values):.1f} [{low}, {high}]"


def section(count: int) -> str:
    """The section's text: a row for each scenario, slope and number of encoders."""
    families = of_kinds({name: KINDS[name] for name in (*INTERMEDIATES, *TARGETS)})
    rows = []
    for name, scenario in SCENARIOS.items():
        drawn = pd.DataFrame(
            [row for seed in range(1, count + 1) for row in study_tests(scenario, seed, families)]
        )
        for (slope, encoders), own in drawn.groupby(["slope", "encoders"]):
            rows.append([name, slope, encoders, share(own["headline"]), share(own["match"])])
    heading = ["truth", "slope", "encoders", "over all pairs", "match alone"]
    return f"""## Several encoders

Per cent of {count} simulated studies of 9 x 9 tasks, one seed, in which a test of the mean
over encoders says p <= 0.05, with its 95 % interval (Wilson): false positives without a slope,
power with one. Half of the variance of tasks' and dyads' effects is common to all encoders, and so
is the slope, in points for each standard deviation of similarity.

{table(heading, rows)}

Made by `python benchmarks/encoders.py --studies {count}`."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=200)
    put_section("encoders", section(parser.parse_args().studies), PAGE)
