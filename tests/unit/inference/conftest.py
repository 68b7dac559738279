"""Simulated studies; the benchmarks' scenarios say how they are made."""

import pandas as pd
import pytest
from scenarios import INTERMEDIATES, SMALL, Scenario, Simulated, simulate


@pytest.fixture(scope="session")
def config() -> dict:
    """What the schema's defaults are, with fewer draws."""
    return {
        "primary_measure": "text_embedding",
        "without_languages": ["en"],
        "covariates": [],
        "permutations": 499,
        "bootstrap": 200,
        "equivalence_bound": 0.5,
        "seed": 1,
    }


@pytest.fixture(scope="session")
def simulated() -> Simulated:
    """Nine intermediate tasks, six targets, eight languages, two seeds, a strong slope."""
    return simulate(Scenario(slope=1.0), 5, seeds=2, languages_of=SMALL, languages=8)


@pytest.fixture(scope="session")
def two_measures(simulated: Simulated) -> pd.DataFrame:
    """The similarity of `simulated` and a second measure, its negative."""
    first = simulated.similarity
    other = first.assign(measure="vocabulary_overlap", similarity=-first["similarity"])
    return pd.concat([first, other], ignore_index=True)


@pytest.fixture(scope="session")
def sizes() -> dict[str, int]:
    """Training examples by intermediate task."""
    return {name: 1000 * (place + 1) for place, name in enumerate(INTERMEDIATES)}
