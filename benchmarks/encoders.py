"""Do several encoders tell more than one, and does their joint test keep its level?

    python benchmarks/encoders.py [STUDIES]

Simulated studies of nine by nine tasks (scenario N1 of scenarios.py, and families by kind), each
run with one, two or four encoders, half of whose effects' variance is the same. Every study goes
through `as_replicates`, the mean over encoders, and the two tests of a study's headline. Printed as
a table; STUDIES is 200 unless given.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scenarios import INTERMEDIATES, KINDS, TARGETS, Scenario, simulate

from mixed_models.denominator_df import Test
from xstilts.inference.analyses.families import Families, of_kinds
from xstilts.inference.analyses.headline import SIMILARITY, fit_dyads, permute
from xstilts.inference.dyads import DYAD, dyads, seed_means, task_similarity
from xstilts.inference.encoders import as_replicates

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
    found = {}
    for place in range(max(COUNTS)):
        unlike = replace(scenario, run=scenario.run / rest)
        own = simulate(unlike, 1_000_000 * (place + 1) + seed, languages_of=LANGUAGES_OF).gains
        mixed = np.sqrt(COMMON) * shared["gain"] + rest * own["gain"]
        found[f"encoder {place + 1}"] = shared.assign(gain=mixed)
    return found


def with_slope(gains: pd.DataFrame, similarity: pd.DataFrame, slope: float) -> pd.DataFrame:
    """`gains` with `slope` points more for each standard deviation of similarity."""
    table = gains.merge(similarity[[*DYAD, "similarity"]], on=DYAD)
    return table.assign(gain=table["gain"] + slope * table["similarity"]).drop(columns="similarity")


def tested(
    gains: dict[str, pd.DataFrame], similarity: pd.DataFrame, families: Families, seed: int
) -> tuple[float, float]:
    """P of the slope over all pairs, and of the match alone."""
    replicates, _ = as_replicates(gains)
    rows = seed_means(replicates, ["en"])
    table, _ = dyads(rows, similarity, families)
    test: Test = fit_dyads(table).kenward_roger(SIMILARITY)
    match = permute(table, "gain_standardised", [SIMILARITY], permutations=199, seed=seed)[0]
    return test.p, match.p


def rates(count: int) -> Iterator[dict[str, object]]:
    """A row for each scenario, slope and number of encoders."""
    families = of_kinds({name: KINDS[name] for name in (*INTERMEDIATES, *TARGETS)})
    for name, scenario in SCENARIOS.items():
        seen: dict[tuple[float, int], list[tuple[float, float]]] = defaultdict(list)
        for seed in range(1, count + 1):
            made = simulate(replace(scenario, run=0.0), seed, languages_of=LANGUAGES_OF)
            similarity = task_similarity(made.similarity, "text_embedding")
            gains = studies(scenario, seed)
            for slope in SLOPES:
                own = {key: with_slope(one, similarity, slope) for key, one in gains.items()}
                for encoders in COUNTS:
                    first = dict(list(own.items())[:encoders])
                    seen[slope, encoders].append(tested(first, similarity, families, seed))
        for (slope, encoders), values in seen.items():
            both = np.array(values) < LEVEL
            yield {
                "scenario": name,
                "slope": slope,
                "encoders": encoders,
                "over all pairs": f"{both[:, 0].mean():.1%}",
                "match alone": f"{both[:, 1].mean():.1%}",
                "studies": count,
            }


if __name__ == "__main__":
    studies_asked = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    table = pd.DataFrame(rates(studies_asked))
    print(table.to_string(index=False))
