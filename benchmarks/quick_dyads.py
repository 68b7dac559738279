"""Dyads of simulated studies without their rows: twenty times as fast, for tests of dyads alone.

What a dyad's mean over its languages would keep of local effects and noise is drawn at once.
"""

import numpy as np
import pandas as pd
from scenarios import (
    INTERMEDIATES,
    KINDS,
    SHARED,
    TARGETS,
    Scenario,
    chosen,
    families_of,
    similarity_of,
    true_gains,
)

from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.headline import SIMILARITY

LOCAL, NOISE = 0.7, 0.8


def quick_dyads(
    scenario: Scenario,
    seed: int,
    *,
    square: bool = False,
    candidates: int | None = None,
    kept: int | None = None,
) -> pd.DataFrame:
    """The dyads of one study, with the columns that the tests of dyads read.

    `square`, `candidates` and `kept` as in the designs of `calibration`; languages' own slopes are
    not drawn.
    """
    rows, columns = list(TARGETS) if square else INTERMEDIATES, list(TARGETS)
    if candidates is not None:
        rows = [f"row {k:02d}" for k in range(candidates)]
    random = np.random.default_rng(seed)
    shape = len(rows), len(columns)
    similarity = similarity_of(random, shape, scenario, columns)
    gain = true_gains(random, similarity, scenario, columns)
    gain = gain + _means_of_languages(random, shape, scenario)
    gain = gain * np.exp(scenario.scale_spread * random.normal(size=shape[1]))
    there = np.ones(shape, dtype=bool)
    if square:
        there &= np.array(rows)[:, None] != np.array(columns)[None]
    if kept is not None:
        there[:] = np.isin(np.arange(shape[0]), chosen(similarity, kept))[:, None]
    row, column = np.nonzero(there)
    table = pd.DataFrame(
        {
            "intermediate": np.array(rows, dtype=object)[row],
            "target": np.array(columns, dtype=object)[column],
            "gain": gain[there],
            "similarity": similarity[there],
            "same_data": False,
        }
    )
    of = families_of(scenario, rows, columns) if scenario.family_pairs else KINDS
    families = Families(of, SHARED if scenario.shared else {})
    return families.mark(_scaled(table.sort_values(["intermediate", "target"], ignore_index=True)))


def _means_of_languages(
    random: np.random.Generator, shape: tuple[int, int], scenario: Scenario
) -> np.ndarray:
    """Runs, and the means of local effects and noise over a target's languages."""
    runs = random.normal(0, scenario.run, shape)
    languages = np.sqrt(list(TARGETS.values()))
    local = LOCAL * random.normal(size=(1, shape[1])) / languages
    heavy = random.standard_t(3, size=shape) / np.sqrt(3) if scenario.heavy_tails else None
    noise = random.normal(size=shape) if heavy is None else heavy
    return runs + local + NOISE * noise / languages


def _scaled(table: pd.DataFrame) -> pd.DataFrame:
    """Gains and similarity in the units of the tests."""
    scale = table.groupby("target")["gain"].transform("std")
    values = table["similarity"]
    return table.assign(
        gain_scale=scale,
        gain_scaled=table["gain"] / scale,
        **{SIMILARITY: (values - values.mean()) / values.std()},
    )
