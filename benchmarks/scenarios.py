"""Simulated studies in which the truth is known, with the shape of XTREME's.

Six ways in which similarity may have nothing to do with gain (N1-N6), and the same with a true
slope. Standard deviations are in points and assumed, not measured: intermediate task 1, target
task 1.5, dyad 1, run 0.5, language 0.5, target by language 0.7, single score 0.8.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

INTERMEDIATES = [
    "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa", "commonsenseqa",
]  # fmt: skip
TARGETS = {
    "xnli": 15, "pawsx": 7, "pos": 33, "ner": 40, "xquad": 11, "mlqa": 7, "tydiqa": 11, "bucc": 4,
    "tatoeba": 36,
}  # fmt: skip
SMALL = {"xnli": 8, "pawsx": 6, "pos": 8, "ner": 8, "xquad": 6, "bucc": 6}
LANGUAGES = 40
KINDS = {
    "anli": "pair", "mnli": "pair", "qqp": "pair", "squad_v1": "span", "squad_v2": "span",
    "hellaswag": "choice", "cosmosqa": "choice", "commonsenseqa": "choice", "ccg": "tagging",
    "xnli": "pair", "pawsx": "pair", "pos": "tagging", "ner": "tagging", "xquad": "span",
    "mlqa": "span", "tydiqa": "span", "bucc": "retrieval", "tatoeba": "retrieval",
}  # fmt: skip
SHARED = {"xquad": "squad", "mlqa": "squad", "bucc": "sentences", "tatoeba": "sentences"}
DYAD_SPECIFIC = 0.2  # share of similarity's variance that is neither task's own


@dataclass(frozen=True)
class Scenario:
    """What is true of a simulated study.

    `slope` is the mean slope in points (dyad standard deviations) per standard deviation of
    similarity, `slope_spread` its standard deviation over intermediates and over targets,
    `interaction` the change of the slope per standard deviation of log pretraining size.
    `factors`: dyad effects are products of so many latent factors of either task, and similarity
    is the cosine of two vectors of `embedding` numbers.
    `families`: tasks come in three families a side that share half of their effects on gain and on
    similarity; `family_pairs`: every pair of families shares most of its dyad effects, so that
    nine pairs and not 81 dyads are independent (of `row_families` and three); `kinds`: the same
    with families as the paper's tasks have them, by kind (see `KINDS`). `shared`: XQuAD and MLQA,
    BUCC and Tatoeba have nearly the same dyad effects and similarity, as targets of one fine-tune
    or of one encoder's sentences.
    """

    dyad: float = 1.0
    run: float = 0.5
    factors: int | None = None
    embedding: int = 16
    scale_spread: float = 0.0
    resource_slopes: float = 0.0
    task_resource_slopes: float = 0.0
    families: bool = False
    family_pairs: bool = False
    row_families: int = 3
    kinds: bool = False
    shared: bool = False
    heavy_tails: bool = False
    slope: float = 0.0
    slope_spread: float = 0.0
    interaction: float = 0.0


NULL = {
    "N1": Scenario(),
    "N2": Scenario(factors=5),
    "N3": Scenario(scale_spread=0.8),
    "N4": Scenario(dyad=0.0, run=0.0),
    "N5": Scenario(resource_slopes=0.5),
    "N6": Scenario(families=True, heavy_tails=True),
}


@dataclass(frozen=True)
class Simulated:
    """Tables of one study, with the columns of gains.parquet, similarity.parquet, languages.tsv."""

    gains: pd.DataFrame
    similarity: pd.DataFrame
    languages: pd.DataFrame


def simulate(
    scenario: Scenario,
    seed: int,
    *,
    seeds: int = 1,
    languages_of: dict[str, int] | None = None,
    languages: int = LANGUAGES,
    intermediates: list[str] | None = None,
) -> Simulated:
    """One study of `seeds` seeds; `languages_of` gives the number of languages by target."""
    random = np.random.default_rng(seed)
    rows, counts = intermediates or INTERMEDIATES, languages_of or TARGETS
    shape = len(rows), len(counts)
    similarity = similarity_of(random, shape, scenario, list(counts))
    size = np.sort(random.normal(0.8, 0.7, languages))[::-1]
    resource = (size - size.mean()) / size.std()
    means = true_gains(random, similarity, scenario, list(counts))
    runs = random.normal(0, scenario.run, (*shape, seeds))
    resource_slopes = scenario.resource_slopes * random.normal(size=shape)
    resource_slopes += scenario.task_resource_slopes * (
        random.normal(size=(shape[0], 1)) + random.normal(size=(1, shape[1]))
    )
    resource_slopes += scenario.interaction * similarity
    language = random.normal(0, 0.5, languages)
    scale = np.exp(scenario.scale_spread * random.normal(size=shape[1]))
    parts = []
    for column, count in enumerate(counts.values()):
        # Small test sets cover the large languages first.
        known = np.arange(min(count, languages))
        local = random.normal(0, 0.7, len(known)) + language[known]
        noise = _noise(random, (shape[0], len(known), seeds), 0.8, scenario.heavy_tails)
        mean = means[:, column][:, None, None]
        trend = resource_slopes[:, column][:, None, None] * resource[known][None, :, None]
        values = mean + runs[:, column][:, None, :] + trend + local[None, :, None] + noise
        parts.append(values * scale[column])
    return Simulated(
        _gains(parts, rows, list(counts)),
        _long(similarity, rows, list(counts)),
        _languages(size),
    )


def similarity_of(
    random: np.random.Generator, shape: tuple, scenario: Scenario, targets: list[str]
) -> np.ndarray:
    """Standardised similarity of every pair, (intermediates, targets)."""
    values = _similarity(random, shape, scenario)
    return _standardised(_shared(values, targets) if scenario.shared else values)


def true_gains(
    random: np.random.Generator, similarity: np.ndarray, scenario: Scenario, targets: list[str]
) -> np.ndarray:
    """Every pair's gain in points before runs, languages and noise, (intermediates, targets)."""
    rows, columns = similarity.shape
    dyad = _dyad_effects(random, similarity.shape, scenario)
    if scenario.shared:
        dyad = _shared(dyad, targets)
    slopes = scenario.slope + scenario.slope_spread * (
        random.normal(size=(rows, 1)) + random.normal(size=(1, columns))
    )
    dyad = dyad + slopes * similarity
    own = (
        _task_effects(random, rows, 1.0, scenario)[:, None],
        _task_effects(random, columns, 1.5, scenario)[None, :],
    )
    return own[0] + own[1] + dyad


def chosen(similarity: np.ndarray, count: int) -> np.ndarray:
    """The rows of (candidates, targets) that say most of the slope, by exchange, (count,).

    That is the sum of squared distances between their profiles, each less its own mean.
    """
    profiles = similarity - similarity.mean(axis=1, keepdims=True)
    distances = ((profiles[:, None] - profiles[None]) ** 2).sum(axis=2)
    kept = list(range(count))
    while True:
        gains = distances[:, kept].sum(axis=1)
        # Without k and with j: what j adds, less its distance to k, less what k had added.
        better = gains[:, None] - distances[:, kept] - gains[kept][None]
        better[kept] = -np.inf
        j, place = np.unravel_index(np.argmax(better), better.shape)
        if better[j, place] <= 1e-9:
            return np.sort(kept)
        kept[place] = int(j)


def _similarity(random: np.random.Generator, shape: tuple, scenario: Scenario) -> np.ndarray:
    if scenario.factors:
        size = scenario.embedding
        left, right = random.normal(size=(shape[0], size)), random.normal(size=(shape[1], size))
        common = random.normal(size=size)
        left, right = left + common, right + common
        return left @ right.T / np.outer(*(np.linalg.norm(side, axis=1) for side in (left, right)))
    main = np.sqrt((1 - DYAD_SPECIFIC) / 2)
    sides = [_task_effects(random, size, main, scenario) for size in shape]
    values = np.add.outer(*sides)
    own = random.normal(size=shape)
    if scenario.family_pairs or scenario.kinds:
        own = 0.8 * _family_effects(random, shape, scenario) + 0.6 * own
    return values + np.sqrt(DYAD_SPECIFIC) * own


def _dyad_effects(random: np.random.Generator, shape: tuple, scenario: Scenario) -> np.ndarray:
    if scenario.factors:
        count = scenario.factors
        left, right = random.normal(size=(shape[0], count)), random.normal(size=(shape[1], count))
        return scenario.dyad * left @ right.T / np.sqrt(count)
    values = _noise(random, shape, 1.0, scenario.heavy_tails)
    if scenario.family_pairs or scenario.kinds:
        values = 0.8 * _family_effects(random, shape, scenario) + 0.6 * values
    return scenario.dyad * values


def _task_effects(
    random: np.random.Generator, tasks: int, deviation: float, scenario: Scenario
) -> np.ndarray:
    """One effect a task; with families, three of them, half of its variance the family's."""
    own = _noise(random, (tasks,), 1.0, scenario.heavy_tails)
    if scenario.families:
        own = np.sqrt(0.5) * (own + random.normal(size=3)[np.arange(tasks) % 3])
    return deviation * own


def families_of(scenario: Scenario, intermediates: list[str], targets: list[str]) -> dict[str, str]:
    """The families of a scenario's tasks: by kind, or three a side, task by task in turn."""
    if scenario.kinds:
        return KINDS
    return {
        name: f"{side} {place % families}"
        for side, names, families in (
            ("row", intermediates, scenario.row_families),
            ("column", targets, 3),
        )
        for place, name in enumerate(names)
    }


def _family_effects(random: np.random.Generator, shape: tuple, scenario: Scenario) -> np.ndarray:
    """One effect for each family of intermediates with each family of targets."""
    if scenario.kinds:
        names = INTERMEDIATES[: shape[0]], list(TARGETS)[: shape[1]]
        sides = [
            np.unique([KINDS[each] for each in side], return_inverse=True)[1] for side in names
        ]
    else:
        sides = [np.arange(shape[0]) % scenario.row_families, np.arange(shape[1]) % 3]
    blocks = random.normal(size=[side.max() + 1 for side in sides])
    return blocks[np.ix_(*sides)]


def _shared(values: np.ndarray, targets: list[str]) -> np.ndarray:
    """Columns of targets that share something, nearly all of it that of the first of them."""
    found = values.copy()
    first = {name: targets.index(name) for name in ("xquad", "bucc")}
    for name, source in (("mlqa", "xquad"), ("tatoeba", "bucc")):
        place = targets.index(name)
        found[:, place] = 0.95 * values[:, first[source]] + np.sqrt(1 - 0.95**2) * values[:, place]
    return found


def _noise(
    random: np.random.Generator, shape: tuple, deviation: float, heavy_tails: bool
) -> np.ndarray:
    if heavy_tails:
        return deviation * random.standard_t(3, size=shape) / np.sqrt(3)
    return random.normal(0, deviation, shape)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std(ddof=1)


def _gains(parts: list[np.ndarray], rows: list[str], targets: list[str]) -> pd.DataFrame:
    tables = []
    for target, values in zip(targets, parts, strict=True):
        row, language, seed = (index.ravel() for index in np.indices(values.shape))
        gain = values.ravel()
        tables.append(
            pd.DataFrame(
                {
                    "intermediate": np.array(rows, dtype=object)[row],
                    "target": target,
                    "language": np.array([f"l{code:02d}" for code in range(values.shape[1])])[
                        language
                    ],
                    "seed": seed + 1,
                    "baseline": 60.0,
                    "score": 60.0 + gain,
                    "gain": gain,
                    "low": gain - 1,
                    "high": gain + 1,
                    "same_data": False,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _long(similarity: np.ndarray, rows: list[str], targets: list[str]) -> pd.DataFrame:
    row, column = (index.ravel() for index in np.indices(similarity.shape))
    values = similarity.ravel()
    return pd.DataFrame(
        {
            "measure": "text_embedding",
            "intermediate": np.array(rows, dtype=object)[row],
            "target": np.array(targets, dtype=object)[column],
            "language": None,
            "similarity": values,
            "low": values - 0.1,
            "high": values + 0.1,
            "reliability": 0.9,
        }
    )


def _languages(size: np.ndarray) -> pd.DataFrame:
    count = len(size)
    return pd.DataFrame(
        {
            "language": [f"l{code:02d}" for code in range(count)],
            "name": [f"Language {code}" for code in range(count)],
            "family_glottolog": [f"Family {code % 8}" for code in range(count)],
            "joshi_class": np.clip(np.round(2.5 + 1.5 * (size - size.mean())), 0, 5).astype(int),
            "pretraining_GiB": 10**size,
            "in_pretraining": 1,
        }
    )
